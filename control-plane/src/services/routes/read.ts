import { tenantTransaction } from '../../db/transactions.ts';
import type { ServiceContext } from '../service-context.ts';
import { notFound } from '../service-error.ts';
import { presentRoute } from './present-route.ts';
import { selectRoute } from './routes.queries.ts';
import type { RouteResource } from './routes.schemas.ts';

export async function readRoute(context: ServiceContext, id: string): Promise<RouteResource> {
  const row = await tenantTransaction(context.db, context.organizationId, (transaction) =>
    selectRoute(transaction, context.organizationId, id),
  );
  if (!row) throw notFound('route');
  return presentRoute(row);
}
