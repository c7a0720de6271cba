import { tenantTransaction } from '../../db/transactions.ts';
import { type Page, type PageQuery, readPageQuery, toPage } from '../lists/page.ts';
import type { ServiceContext } from '../service-context.ts';
import { presentRoute } from './present-route.ts';
import { selectRoutes } from './routes.queries.ts';
import type { RouteResource } from './routes.schemas.ts';

export async function listRoutes(context: ServiceContext, query: PageQuery): Promise<Page<RouteResource>> {
  const page = readPageQuery(query);
  const rows = await tenantTransaction(context.db, context.organizationId, (transaction) =>
    selectRoutes(transaction, context.organizationId, page),
  );
  return toPage(rows, query, presentRoute);
}
