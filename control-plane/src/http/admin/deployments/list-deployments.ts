import { deploymentResourceSchema } from '../../../services/deployments/deployments.schemas.ts';
import { listDeployments } from '../../../services/deployments/list.ts';
import { pageQuerySchema, pageSchema } from '../../../services/lists/page.ts';
import { defineRoute } from '../../define-route.ts';

export const listDeploymentsRoute = defineRoute({
  method: 'get',
  path: '/api/deployments',
  tag: 'Deployments',
  summary: 'List deployments',
  query: pageQuerySchema,
  answer: pageSchema(deploymentResourceSchema),
  run: (context, { query }) => listDeployments(context, query),
});
