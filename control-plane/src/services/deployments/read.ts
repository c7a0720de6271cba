import { tenantTransaction } from '../../db/transactions.ts';
import type { ServiceContext } from '../service-context.ts';
import { notFound } from '../service-error.ts';
import { selectDeployment } from './deployments.queries.ts';
import type { DeploymentResource } from './deployments.schemas.ts';
import { presentDeployment } from './present-deployment.ts';

export async function readDeployment(context: ServiceContext, id: string): Promise<DeploymentResource> {
  const row = await tenantTransaction(context.db, context.organizationId, (transaction) =>
    selectDeployment(transaction, context.organizationId, id),
  );
  if (!row) throw notFound('deployment');
  return presentDeployment(row);
}
