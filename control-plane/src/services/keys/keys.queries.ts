import type { Insertable, Selectable, Updateable } from 'kysely';
import type { KeySecretsTable, KeysTable } from '../../db/schema/configuration.ts';
import type { DatabaseTransaction } from '../../db/transactions.ts';

export type KeySecretRow = Selectable<KeySecretsTable>;
/** A key with its secrets, the current one first. */
export type KeyRow = Selectable<KeysTable> & { secrets: KeySecretRow[] };

export async function selectKey(
  transaction: DatabaseTransaction,
  organizationId: string,
  id: string,
): Promise<KeyRow | undefined> {
  const key = await transaction
    .selectFrom('keys')
    .selectAll()
    .where('org_id', '=', organizationId)
    .where('id', '=', id)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
  return key && (await withSecrets(transaction, organizationId, [key]))[0];
}

export async function selectKeys(
  transaction: DatabaseTransaction,
  organizationId: string,
  page: { after: string | undefined; limit: number },
): Promise<KeyRow[]> {
  let query = transaction
    .selectFrom('keys')
    .selectAll()
    .where('org_id', '=', organizationId)
    .where('deleted_at', 'is', null);
  if (page.after) query = query.where('id', '>', page.after);
  return withSecrets(transaction, organizationId, await query.orderBy('id').limit(page.limit).execute());
}

async function withSecrets(
  transaction: DatabaseTransaction,
  organizationId: string,
  keys: readonly Selectable<KeysTable>[],
): Promise<KeyRow[]> {
  if (keys.length === 0) return [];
  const ids = keys.map((key) => key.id);
  const secrets = await transaction
    .selectFrom('key_secrets')
    .selectAll()
    .where('org_id', '=', organizationId)
    .where('key_id', 'in', ids)
    .orderBy('created_at', 'desc')
    .execute();
  const byKey = Map.groupBy(secrets, (secret) => secret.key_id);
  return keys.map((key) => ({ ...key, secrets: byKey.get(key.id) ?? [] }));
}

export async function insertKey(transaction: DatabaseTransaction, row: Insertable<KeysTable>): Promise<void> {
  await transaction.insertInto('keys').values(row).execute();
}

export async function updateKeyRow(
  transaction: DatabaseTransaction,
  organizationId: string,
  id: string,
  values: Updateable<KeysTable>,
): Promise<void> {
  await transaction
    .updateTable('keys')
    .set(values)
    .where('org_id', '=', organizationId)
    .where('id', '=', id)
    .execute();
}

export async function insertKeySecret(
  transaction: DatabaseTransaction,
  row: Insertable<KeySecretsTable>,
): Promise<void> {
  await transaction.insertInto('key_secrets').values(row).execute();
}

export async function setSecretExpiry(
  transaction: DatabaseTransaction,
  organizationId: string,
  sha256: string,
  expiresAt: Date,
): Promise<void> {
  await transaction
    .updateTable('key_secrets')
    .set({ expires_at: expiresAt })
    .where('org_id', '=', organizationId)
    .where('sha256', '=', sha256)
    .execute();
}

export async function deleteSecrets(
  transaction: DatabaseTransaction,
  organizationId: string,
  hashes: readonly string[],
): Promise<void> {
  if (hashes.length === 0) return;
  await transaction
    .deleteFrom('key_secrets')
    .where('org_id', '=', organizationId)
    .where('sha256', 'in', hashes)
    .execute();
}
