import { newId } from '@bonito/protocol';
import { notify } from '../db/listen.ts';
import { type DatabaseTransaction, tenantTransaction } from '../db/transactions.ts';
import { type DirtySection, REVISIONS_CHANNEL } from '../snapshots/publish-change.ts';
import { appendAuditEntry } from './audit-log/audit-log.queries.ts';
import { lockOrganization } from './organizations/organizations.queries.ts';
import type { ServiceContext } from './service-context.ts';
import { notFound, ServiceError } from './service-error.ts';

/** What a write did, for the audit log. Neither side may hold a secret. */
export interface AuditedChange {
  /** What kind of thing, `provider`. */
  object: string;
  id: string;
  /** What was done to it, `created`. */
  did: string;
  before: Record<string, unknown> | undefined;
  after: Record<string, unknown> | undefined;
}

interface WriteOutcome<Result> {
  result: Result;
  change: AuditedChange;
  /** What agents must be told about; none for what concerns the control plane only. */
  dirty: readonly DirtySection[];
}

/**
 * Every write of the admin API: one transaction with the change, its audit entry and its publication, then the wake-up.
 * The organization's row is locked first, so that the writes of one organization follow each other: what a write has
 * checked (a name that is free, a provider that nothing uses) still holds when it commits.
 */
export async function write<Result>(
  context: ServiceContext,
  work: (transaction: DatabaseTransaction) => Promise<WriteOutcome<Result>>,
): Promise<Result> {
  const { organizationId } = context;
  const outcome = await tenantTransaction(context.db, organizationId, async (transaction) => {
    if (!(await lockOrganization(transaction, organizationId))) throw notFound('organization');
    return finishWrite(context, transaction, await work(transaction));
  }).catch(refuseTakenName);
  context.publisher.announce(organizationId);
  return outcome.result;
}

/** The end of a write's transaction. Used alone only where the organization itself is made. */
export async function finishWrite<Result>(
  context: ServiceContext,
  transaction: DatabaseTransaction,
  outcome: WriteOutcome<Result>,
): Promise<WriteOutcome<Result>> {
  const { change, dirty } = outcome;
  await appendAuditEntry(transaction, {
    org_id: context.organizationId,
    id: newId(context.clock.now()),
    occurred_at: new Date(context.clock.now()),
    actor: `${context.actor.type}:${context.actor.id}`,
    action: `${change.object}.${change.did}`,
    object_type: change.object,
    object_id: change.id,
    before: change.before ? JSON.stringify(change.before) : null,
    after: change.after ? JSON.stringify(change.after) : null,
    request_id: context.requestId ?? null,
  });
  if (dirty.length > 0) await context.publisher.changed(transaction, context.organizationId, dirty);
  // Tokens and commands are in no section, but other replicas remember the ones and have agents waiting for the others.
  else await notify(transaction, REVISIONS_CHANNEL, context.organizationId);
  return outcome;
}

/** Unique indexes that people meet, and what they were choosing when they met one. */
const NAME_INDEXES: Readonly<Record<string, string>> = {
  organizations_slug: 'another organization has this slug',
  providers_name: 'another provider has this name',
  model_names_pkey: 'a deployment or a route already has this name; the two share one set of names',
};

/** Turns the breach of a unique index into a refusal; lets everything else through. */
export function refuseTakenName(error: unknown): never {
  if (error instanceof Error && 'code' in error && error.code === '23505' && 'constraint' in error) {
    const sentence = NAME_INDEXES[String(error.constraint)];
    if (sentence) {
      throw new ServiceError('name_taken', `${sentence}: choose another one`, [
        { path: 'name', message: sentence },
      ]);
    }
  }
  throw error;
}
