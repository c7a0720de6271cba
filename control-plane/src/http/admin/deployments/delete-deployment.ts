import { deleteDeployment } from '../../../services/deployments/delete.ts';
import { idParamsSchema } from '../../../services/lists/fields.ts';
import { defineRoute } from '../../define-route.ts';

export const deleteDeploymentRoute = defineRoute({
  method: 'delete',
  path: '/api/deployments/{id}',
  tag: 'Deployments',
  summary: 'Delete a deployment',
  params: idParamsSchema,
  status: 204,
  run: (context, { params }) => deleteDeployment(context, params.id),
});
