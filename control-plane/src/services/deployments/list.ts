import { tenantTransaction } from '../../db/transactions.ts';
import { type Page, type PageQuery, readPageQuery, toPage } from '../lists/page.ts';
import type { ServiceContext } from '../service-context.ts';
import { selectDeployments } from './deployments.queries.ts';
import type { DeploymentResource } from './deployments.schemas.ts';
import { presentDeployment } from './present-deployment.ts';

export async function listDeployments(
  context: ServiceContext,
  query: PageQuery,
): Promise<Page<DeploymentResource>> {
  const page = readPageQuery(query);
  const rows = await tenantTransaction(context.db, context.organizationId, (transaction) =>
    selectDeployments(transaction, context.organizationId, page),
  );
  return toPage(rows, query, presentDeployment);
}
