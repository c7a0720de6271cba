import type { Insertable, Selectable, Updateable } from 'kysely';
import type { ProvidersTable } from '../../db/schema/configuration.ts';
import type { DatabaseTransaction } from '../../db/transactions.ts';

export type ProviderRow = Selectable<ProvidersTable>;

export function selectProvider(transaction: DatabaseTransaction, organizationId: string, id: string) {
  return transaction
    .selectFrom('providers')
    .selectAll()
    .where('org_id', '=', organizationId)
    .where('id', '=', id)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
}

export function selectProviders(
  transaction: DatabaseTransaction,
  organizationId: string,
  page: { after: string | undefined; limit: number },
) {
  let query = transaction
    .selectFrom('providers')
    .selectAll()
    .where('org_id', '=', organizationId)
    .where('deleted_at', 'is', null);
  if (page.after) query = query.where('id', '>', page.after);
  return query.orderBy('id').limit(page.limit).execute();
}

/** Every live provider. */
export function selectAllProviders(
  transaction: DatabaseTransaction,
  organizationId: string,
): Promise<ProviderRow[]> {
  return transaction
    .selectFrom('providers')
    .selectAll()
    .where('org_id', '=', organizationId)
    .where('deleted_at', 'is', null)
    .execute();
}

export function insertProvider(transaction: DatabaseTransaction, row: Insertable<ProvidersTable>) {
  return transaction.insertInto('providers').values(row).returningAll().executeTakeFirstOrThrow();
}

export function updateProviderRow(
  transaction: DatabaseTransaction,
  organizationId: string,
  id: string,
  values: Updateable<ProvidersTable>,
) {
  return transaction
    .updateTable('providers')
    .set(values)
    .where('org_id', '=', organizationId)
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** The live deployments that call a provider, by name. */
export async function deploymentsOfProvider(
  transaction: DatabaseTransaction,
  organizationId: string,
  providerId: string,
): Promise<string[]> {
  const rows = await transaction
    .selectFrom('deployments')
    .select('name')
    .where('org_id', '=', organizationId)
    .where('provider_id', '=', providerId)
    .where('deleted_at', 'is', null)
    .orderBy('name')
    .execute();
  return rows.map((row) => row.name);
}
