import { UNPRICED_REVISION, type UsageRecord, type UsageRollupRecord } from '@bonito/protocol';
import { sql } from 'kysely';
import type { DatabaseTransaction } from '../db/transactions.ts';
import { arrayLiteral } from './array-literal.ts';

/** The ids of a batch that are the organization's, deleted ones included. What is not here is stored as null. */
export interface KnownIds {
  keys: ReadonlySet<string>;
  teams: ReadonlySet<string>;
  routes: ReadonlySet<string>;
  deployments: ReadonlySet<string>;
  providers: ReadonlySet<string>;
  /** The deployments whose price nobody knows. */
  unpriced: ReadonlySet<string>;
}

/** Every id that a batch's records mention. */
export function mentionedIds(
  usage: readonly UsageRecord[],
  rollups: readonly UsageRollupRecord[],
): Set<string> {
  const ids = new Set<string>();
  const add = (id: string | null) => {
    if (id) ids.add(id);
  };
  for (const record of usage) {
    for (const id of [record.key_id, record.team_id, record.route_id, record.requested_id]) add(id);
    add(record.deployment_id);
    for (const attempt of record.attempts) {
      ids.add(attempt.provider_id);
      ids.add(attempt.deployment_id);
    }
  }
  for (const record of rollups) {
    for (const id of [record.key_id, record.team_id, record.route_id, record.requested_id]) add(id);
    add(record.deployment_id);
    add(record.provider_id);
  }
  return ids;
}

type Kind = keyof KnownIds;

/** Looks ids up under the tenant of the transaction. */
export async function findKnownIds(
  transaction: DatabaseTransaction,
  organizationId: string,
  ids: ReadonlySet<string>,
): Promise<KnownIds> {
  const known = {
    keys: new Set<string>(),
    teams: new Set<string>(),
    routes: new Set<string>(),
    deployments: new Set<string>(),
    providers: new Set<string>(),
    unpriced: new Set<string>(),
  };
  if (ids.size === 0) return known;
  const list = arrayLiteral([...ids]);
  const { rows } = await sql<{ kind: Kind; id: string }>`
    with mentioned as (select unnest(${list}::text::uuid[]) as id)
    select 'keys' as kind, t.id from keys t join mentioned using (id) where t.org_id = ${organizationId}
    union all
    select 'routes', t.id from routes t join mentioned using (id) where t.org_id = ${organizationId}
    union all
    select 'deployments', t.id from deployments t join mentioned using (id) where t.org_id = ${organizationId}
    union all
    select 'unpriced', t.id from deployments t join mentioned using (id)
    where t.org_id = ${organizationId} and t.price_revision = ${UNPRICED_REVISION}
    union all
    select 'providers', t.id from providers t join mentioned using (id) where t.org_id = ${organizationId}
    union all
    select distinct 'teams', t.team_id from keys t join mentioned m on m.id = t.team_id where t.org_id = ${organizationId}
  `.execute(transaction);
  for (const row of rows) known[row.kind].add(row.id);
  return known;
}
