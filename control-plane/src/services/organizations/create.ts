import { newId } from '@bonito/protocol';
import type { z } from 'zod';
import { adoptHomeOrganization } from '../../db/system.queries.ts';
import { tenantTransaction } from '../../db/transactions.ts';
import type { ServiceContext } from '../service-context.ts';
import { finishWrite, refuseTakenName } from '../write.ts';
import { insertOrganization } from './organizations.queries.ts';
import type { createOrganizationSchema, Organization } from './organizations.schemas.ts';
import { presentOrganization } from './present-organization.ts';

/**
 * Makes an organization and publishes its first, empty configuration. The first one that a platform token makes becomes
 * its own: what it acts for without naming one.
 */
export async function createOrganization(
  context: ServiceContext,
  input: z.output<typeof createOrganizationSchema>,
): Promise<Organization> {
  const id = newId(context.clock.now());
  const now = new Date(context.clock.now());
  const outcome = await tenantTransaction(context.db, id, async (transaction) => {
    const row = await insertOrganization(transaction, {
      id,
      name: input.name,
      slug: input.slug ?? slugFor(input.name, id),
      metadata: JSON.stringify(input.metadata),
      max_offline_seconds: input.max_offline_seconds,
      created_at: now,
      updated_at: now,
    });
    const result = presentOrganization(row);
    return finishWrite({ ...context, organizationId: id }, transaction, {
      result,
      change: {
        object: 'organization',
        id,
        did: 'created',
        before: undefined,
        after: result,
      },
      dirty: ['settings', 'providers', 'deployments', 'routes', 'keys'],
    });
  }).catch(refuseTakenName);
  if (context.actor.type === 'platform_token') await adoptHomeOrganization(context.db, context.actor.id, id);
  context.publisher.announce(id);
  return outcome.result;
}

/** A slug that reads like the name; the end of the id keeps it unique. */
function slugFor(name: string, id: string): string {
  const words = name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 50)
    .replaceAll(/^-+|-+$/g, '');
  return [words || 'organization', id.slice(-8)].join('-');
}
