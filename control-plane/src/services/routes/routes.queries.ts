import { type Insertable, type Selectable, sql, type Updateable } from 'kysely';
import type { RoutesTable } from '../../db/schema/configuration.ts';
import type { DatabaseTransaction } from '../../db/transactions.ts';

/** A route with the ids of its targets, in order. */
export type RouteRow = Selectable<RoutesTable> & { targets: string[] };

function liveRoutes(transaction: DatabaseTransaction, organizationId: string) {
  return transaction
    .selectFrom('routes')
    .selectAll()
    .select(
      sql<string[]>`(
        select coalesce(jsonb_agg(target.deployment_id order by target.position), '[]')
        from route_targets target
        where target.org_id = routes.org_id and target.route_id = routes.id
      )`.as('targets'),
    )
    .where('org_id', '=', organizationId)
    .where('deleted_at', 'is', null);
}

export function selectRoute(
  transaction: DatabaseTransaction,
  organizationId: string,
  id: string,
): Promise<RouteRow | undefined> {
  return liveRoutes(transaction, organizationId).where('id', '=', id).executeTakeFirst();
}

export function selectRoutes(
  transaction: DatabaseTransaction,
  organizationId: string,
  page: { after: string | undefined; limit: number },
): Promise<RouteRow[]> {
  let query = liveRoutes(transaction, organizationId);
  if (page.after) query = query.where('id', '>', page.after);
  return query.orderBy('id').limit(page.limit).execute();
}

export async function insertRoute(
  transaction: DatabaseTransaction,
  row: Insertable<RoutesTable>,
  targets: readonly string[],
): Promise<RouteRow> {
  const route = await transaction.insertInto('routes').values(row).returningAll().executeTakeFirstOrThrow();
  await insertTargets(transaction, row.org_id, row.id, targets);
  return { ...route, targets: [...targets] };
}

export async function updateRouteRow(
  transaction: DatabaseTransaction,
  organizationId: string,
  id: string,
  values: Updateable<RoutesTable>,
): Promise<void> {
  await transaction
    .updateTable('routes')
    .set(values)
    .where('org_id', '=', organizationId)
    .where('id', '=', id)
    .execute();
}

/** Replaces a route's targets; none leaves a deleted route without. */
export async function replaceTargets(
  transaction: DatabaseTransaction,
  organizationId: string,
  routeId: string,
  targets: readonly string[],
): Promise<void> {
  await transaction
    .deleteFrom('route_targets')
    .where('org_id', '=', organizationId)
    .where('route_id', '=', routeId)
    .execute();
  if (targets.length > 0) await insertTargets(transaction, organizationId, routeId, targets);
}

async function insertTargets(
  transaction: DatabaseTransaction,
  organizationId: string,
  routeId: string,
  targets: readonly string[],
): Promise<void> {
  const rows = targets.map((deploymentId, position) => ({
    org_id: organizationId,
    route_id: routeId,
    position,
    deployment_id: deploymentId,
  }));
  await transaction.insertInto('route_targets').values(rows).execute();
}

/** The live keys that are bound to a route, by name. */
export async function keysOfRoute(
  transaction: DatabaseTransaction,
  organizationId: string,
  routeId: string,
): Promise<string[]> {
  const rows = await transaction
    .selectFrom('keys')
    .select('name')
    .where('org_id', '=', organizationId)
    .where('route_id', '=', routeId)
    .where('deleted_at', 'is', null)
    .orderBy('name')
    .execute();
  return rows.map((row) => row.name);
}
