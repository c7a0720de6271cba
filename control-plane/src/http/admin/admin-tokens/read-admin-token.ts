import { adminTokenResourceSchema } from '../../../services/admin-tokens/admin-tokens.schemas.ts';
import { readAdminToken } from '../../../services/admin-tokens/read.ts';
import { defineRoute } from '../../define-route.ts';
import { tokenParamsSchema } from '../organization-params.ts';

export const readAdminTokenRoute = defineRoute({
  method: 'get',
  path: '/api/orgs/{id}/admin-tokens/{token_id}',
  tag: 'Administrator tokens',
  summary: 'Read an administrator token',
  params: tokenParamsSchema,
  answer: adminTokenResourceSchema,
  run: (context, { params }) => readAdminToken(context, params.token_id),
});
