import type { AuditRecord, ModelsDiscoveredRecord } from '@bonito/protocol';
import { sql } from 'kysely';
import type { DatabaseTransaction } from '../db/transactions.ts';

/** Puts what happened at agents into the organization's audit log. */
export async function storeAuditRecords(
  transaction: DatabaseTransaction,
  organizationId: string,
  instance: string,
  records: readonly AuditRecord[],
): Promise<void> {
  if (records.length === 0) return;
  await transaction
    .insertInto('audit_log')
    .values(
      records.map((record) => ({
        org_id: organizationId,
        id: record.id,
        occurred_at: new Date(record.occurred_at),
        actor: `agent:${instance}`,
        action: `agent.${record.action}`,
        object_type: 'agent',
        object_id: instance,
        before: null,
        after: record.count === null ? null : JSON.stringify({ count: record.count }),
        request_id: null,
      })),
    )
    .onConflict((conflict) => conflict.columns(['org_id', 'id']).doNothing())
    .execute();
}

/** Keeps the newest list of each provider that is the organization's. */
export async function storeDiscoveredModels(
  transaction: DatabaseTransaction,
  organizationId: string,
  records: readonly ModelsDiscoveredRecord[],
): Promise<void> {
  for (const record of records) {
    await sql`
      insert into discovered_models (org_id, provider_id, occurred_at, models)
      select org_id, id, ${record.occurred_at}::timestamptz, ${JSON.stringify(record.models)}::text::jsonb
      from providers
      where org_id = ${organizationId} and id = ${record.provider_id}
      on conflict (org_id, provider_id) do update
      set occurred_at = excluded.occurred_at, models = excluded.models
      where discovered_models.occurred_at < excluded.occurred_at
    `.execute(transaction);
  }
}
