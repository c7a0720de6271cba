import type { Insertable, Selectable, Updateable } from 'kysely';
import type { AdminTokensTable } from '../../db/schema/configuration.ts';
import type { DatabaseTransaction } from '../../db/transactions.ts';

export type AdminTokenRow = Selectable<AdminTokensTable>;

/** A token that is not revoked. */
export function selectAdminToken(transaction: DatabaseTransaction, organizationId: string, id: string) {
  return transaction
    .selectFrom('admin_tokens')
    .selectAll()
    .where('org_id', '=', organizationId)
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .executeTakeFirst();
}

export function selectAdminTokens(
  transaction: DatabaseTransaction,
  organizationId: string,
  page: { after: string | undefined; limit: number },
) {
  let query = transaction
    .selectFrom('admin_tokens')
    .selectAll()
    .where('org_id', '=', organizationId)
    .where('revoked_at', 'is', null);
  if (page.after) query = query.where('id', '>', page.after);
  return query.orderBy('id').limit(page.limit).execute();
}

export function insertAdminToken(transaction: DatabaseTransaction, row: Insertable<AdminTokensTable>) {
  return transaction.insertInto('admin_tokens').values(row).returningAll().executeTakeFirstOrThrow();
}

export function updateAdminTokenRow(
  transaction: DatabaseTransaction,
  organizationId: string,
  id: string,
  values: Updateable<AdminTokensTable>,
) {
  return transaction
    .updateTable('admin_tokens')
    .set(values)
    .where('org_id', '=', organizationId)
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow();
}
