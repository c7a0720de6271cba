import { sql } from 'kysely';
import type { DatabaseTransaction } from '../../db/transactions.ts';
import type { DeploymentRow } from './deployments.queries.ts';

type Held = Pick<DeploymentRow, 'id' | 'provider_id' | 'price_per_hour' | 'price_revision'>;

/**
 * Notes from when on a deployment costs something by the hour, and until when: part of the transaction that makes it, changes it
 * or deletes it. Every moment lies in one period at most, so whoever sums them counts it once.
 *
 * @param change undefined before it was made, or after it was deleted
 */
export async function recordCapacity(
  transaction: DatabaseTransaction,
  organizationId: string,
  change: { before: Held | undefined; after: Held | undefined },
  now: Date,
): Promise<void> {
  const { before, after } = change;
  if (heldAs(before) === heldAs(after)) return;
  if (before && before.price_per_hour !== null) await endPeriod(transaction, organizationId, before.id, now);
  if (after && after.price_per_hour !== null) {
    // A clock that runs behind begins where the period before ended, and not inside of it.
    await sql`
      insert into capacity_periods
        (org_id, deployment_id, started_at, provider_id, nanos_per_hour, price_revision)
      select ${organizationId}::uuid, ${after.id}::uuid,
             greatest(${now}::timestamptz, (
               select max(ended_at)
               from capacity_periods
               where org_id = ${organizationId} and deployment_id = ${after.id}
             )),
             ${after.provider_id}::uuid, ${after.price_per_hour}::bigint, ${after.price_revision}
      on conflict (org_id, deployment_id, started_at) do update
      set ended_at = null,
          provider_id = excluded.provider_id,
          nanos_per_hour = excluded.nanos_per_hour,
          price_revision = excluded.price_revision
    `.execute(transaction);
  }
}

function heldAs(row: Held | undefined): string | null {
  return row && row.price_per_hour !== null ? `${row.provider_id} ${row.price_per_hour}` : null;
}

async function endPeriod(
  transaction: DatabaseTransaction,
  organizationId: string,
  deploymentId: string,
  now: Date,
): Promise<void> {
  await sql`
    update capacity_periods
    set ended_at = greatest(started_at, ${now}::timestamptz)
    where org_id = ${organizationId} and deployment_id = ${deploymentId} and ended_at is null
  `.execute(transaction);
}
