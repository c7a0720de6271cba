import type { Insertable, Selectable, Updateable } from 'kysely';
import type { DeploymentsTable } from '../../db/schema/configuration.ts';
import type { DatabaseTransaction } from '../../db/transactions.ts';

export type DeploymentRow = Selectable<DeploymentsTable>;

export function selectDeployment(transaction: DatabaseTransaction, organizationId: string, id: string) {
  return transaction
    .selectFrom('deployments')
    .selectAll()
    .where('org_id', '=', organizationId)
    .where('id', '=', id)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
}

export function selectDeployments(
  transaction: DatabaseTransaction,
  organizationId: string,
  page: { after: string | undefined; limit: number },
) {
  let query = transaction
    .selectFrom('deployments')
    .selectAll()
    .where('org_id', '=', organizationId)
    .where('deleted_at', 'is', null);
  if (page.after) query = query.where('id', '>', page.after);
  return query.orderBy('id').limit(page.limit).execute();
}

export function insertDeployment(transaction: DatabaseTransaction, row: Insertable<DeploymentsTable>) {
  return transaction.insertInto('deployments').values(row).returningAll().executeTakeFirstOrThrow();
}

export function updateDeploymentRow(
  transaction: DatabaseTransaction,
  organizationId: string,
  id: string,
  values: Updateable<DeploymentsTable>,
) {
  return transaction
    .updateTable('deployments')
    .set(values)
    .where('org_id', '=', organizationId)
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** The live deployments whose price was looked up and not written; of one provider, or of all. */
export function selectLookedUp(
  transaction: DatabaseTransaction,
  organizationId: string,
  providerId?: string,
): Promise<DeploymentRow[]> {
  let query = transaction
    .selectFrom('deployments')
    .selectAll()
    .where('org_id', '=', organizationId)
    .where('price_source', '!=', 'own')
    .where('deleted_at', 'is', null);
  if (providerId) query = query.where('provider_id', '=', providerId);
  return query.orderBy('id').execute();
}

/** Which of these deployments are live. */
export async function liveDeployments(
  transaction: DatabaseTransaction,
  organizationId: string,
  ids: readonly string[],
): Promise<Set<string>> {
  const rows = await transaction
    .selectFrom('deployments')
    .select('id')
    .where('org_id', '=', organizationId)
    .where('id', 'in', ids)
    .where('deleted_at', 'is', null)
    .execute();
  return new Set(rows.map((row) => row.id));
}

/** The live routes that have a deployment among their targets, by name. */
export async function routesOfDeployment(
  transaction: DatabaseTransaction,
  organizationId: string,
  deploymentId: string,
): Promise<string[]> {
  const rows = await transaction
    .selectFrom('route_targets')
    .innerJoin('routes', (join) =>
      join
        .onRef('routes.org_id', '=', 'route_targets.org_id')
        .onRef('routes.id', '=', 'route_targets.route_id'),
    )
    .select('routes.name')
    .where('route_targets.org_id', '=', organizationId)
    .where('route_targets.deployment_id', '=', deploymentId)
    .where('routes.deleted_at', 'is', null)
    .orderBy('routes.name')
    .execute();
  return rows.map((row) => row.name);
}
