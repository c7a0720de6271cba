import {
  adminTokenWithSecretSchema,
  createAdminTokenSchema,
} from '../../../services/admin-tokens/admin-tokens.schemas.ts';
import { createAdminToken } from '../../../services/admin-tokens/create.ts';
import { defineRoute } from '../../define-route.ts';
import { organizationParamsSchema } from '../organization-params.ts';

export const createAdminTokenRoute = defineRoute({
  method: 'post',
  path: '/api/orgs/{id}/admin-tokens',
  tag: 'Administrator tokens',
  summary: 'Create an administrator token',
  description: 'Shown once.',
  params: organizationParamsSchema,
  body: createAdminTokenSchema,
  status: 201,
  answer: adminTokenWithSecretSchema,
  run: (context, { body }) => createAdminToken(context, body),
});
