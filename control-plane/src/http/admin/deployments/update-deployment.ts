import {
  deploymentResourceSchema,
  updateDeploymentSchema,
} from '../../../services/deployments/deployments.schemas.ts';
import { updateDeployment } from '../../../services/deployments/update.ts';
import { idParamsSchema } from '../../../services/lists/fields.ts';
import { defineRoute } from '../../define-route.ts';

export const updateDeploymentRoute = defineRoute({
  method: 'patch',
  path: '/api/deployments/{id}',
  tag: 'Deployments',
  summary: 'Change a deployment',
  params: idParamsSchema,
  body: updateDeploymentSchema,
  answer: deploymentResourceSchema,
  run: (context, { params, body }) => updateDeployment(context, params.id, body),
});
