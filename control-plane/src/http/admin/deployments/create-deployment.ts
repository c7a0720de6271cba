import { createDeployment } from '../../../services/deployments/create.ts';
import {
  createDeploymentSchema,
  deploymentResourceSchema,
} from '../../../services/deployments/deployments.schemas.ts';
import { defineRoute } from '../../define-route.ts';

export const createDeploymentRoute = defineRoute({
  method: 'post',
  path: '/api/deployments',
  tag: 'Deployments',
  summary: 'Create a deployment',
  body: createDeploymentSchema,
  status: 201,
  answer: deploymentResourceSchema,
  run: (context, { body }) => createDeployment(context, body),
});
