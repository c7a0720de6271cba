import type { Insertable } from 'kysely';
import type { AuditLogTable } from '../../db/schema/configuration.ts';
import type { DatabaseTransaction } from '../../db/transactions.ts';

export async function appendAuditEntry(
  transaction: DatabaseTransaction,
  entry: Insertable<AuditLogTable>,
): Promise<void> {
  await transaction.insertInto('audit_log').values(entry).execute();
}

/** Entries of an organization, the newest first. */
export function selectAuditEntries(
  transaction: DatabaseTransaction,
  organizationId: string,
  page: { after: string | undefined; limit: number },
) {
  let query = transaction.selectFrom('audit_log').selectAll().where('org_id', '=', organizationId);
  if (page.after) query = query.where('id', '<', page.after);
  return query.orderBy('id', 'desc').limit(page.limit).execute();
}
