import { deploymentResourceSchema } from '../../../services/deployments/deployments.schemas.ts';
import { readDeployment } from '../../../services/deployments/read.ts';
import { idParamsSchema } from '../../../services/lists/fields.ts';
import { defineRoute } from '../../define-route.ts';

export const readDeploymentRoute = defineRoute({
  method: 'get',
  path: '/api/deployments/{id}',
  tag: 'Deployments',
  summary: 'Read a deployment',
  params: idParamsSchema,
  answer: deploymentResourceSchema,
  run: (context, { params }) => readDeployment(context, params.id),
});
