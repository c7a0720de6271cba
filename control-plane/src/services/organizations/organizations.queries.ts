import { type Insertable, type Selectable, sql, type Updateable } from 'kysely';
import type { OrganizationsTable } from '../../db/schema/configuration.ts';
import type { DatabaseTransaction } from '../../db/transactions.ts';

export type OrganizationRow = Selectable<OrganizationsTable>;

/** Locks an organization's row until the transaction ends; false when there is none, or it is deleted. */
export async function lockOrganization(
  transaction: DatabaseTransaction,
  organizationId: string,
): Promise<boolean> {
  const row = await transaction
    .selectFrom('organizations')
    .select('id')
    .where('id', '=', organizationId)
    .where('deleted_at', 'is', null)
    .forNoKeyUpdate()
    .executeTakeFirst();
  return row !== undefined;
}

export function selectOrganization(transaction: DatabaseTransaction, organizationId: string) {
  return transaction
    .selectFrom('organizations')
    .selectAll()
    .where('id', '=', organizationId)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
}

export function insertOrganization(transaction: DatabaseTransaction, row: Insertable<OrganizationsTable>) {
  return transaction.insertInto('organizations').values(row).returningAll().executeTakeFirstOrThrow();
}

export function updateOrganizationRow(
  transaction: DatabaseTransaction,
  organizationId: string,
  values: Updateable<OrganizationsTable>,
) {
  return transaction
    .updateTable('organizations')
    .set(values)
    .where('id', '=', organizationId)
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** How many live things of each kind an organization still has. */
export async function countContents(
  transaction: DatabaseTransaction,
  organizationId: string,
): Promise<{ kind: string; count: number }[]> {
  const { rows } = await sql<{ kind: string; count: number }>`
    select kind, count(*)::int as count
    from (
      select 'providers' as kind from providers where org_id = ${organizationId} and deleted_at is null
      union all
      select 'deployments' from deployments where org_id = ${organizationId} and deleted_at is null
      union all
      select 'routes' from routes where org_id = ${organizationId} and deleted_at is null
      union all
      select 'keys' from keys where org_id = ${organizationId} and deleted_at is null
      union all
      select 'agent tokens' from agent_tokens where org_id = ${organizationId} and revoked_at is null
    ) contents
    group by kind
    order by kind
  `.execute(transaction);
  return rows;
}

/** Ends every administrator's token of an organization. */
export async function revokeAdminTokens(
  transaction: DatabaseTransaction,
  organizationId: string,
  now: Date,
): Promise<void> {
  await transaction
    .updateTable('admin_tokens')
    .set({ revoked_at: now })
    .where('org_id', '=', organizationId)
    .where('revoked_at', 'is', null)
    .execute();
}
