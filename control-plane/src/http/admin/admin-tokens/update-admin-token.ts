import {
  adminTokenResourceSchema,
  updateAdminTokenSchema,
} from '../../../services/admin-tokens/admin-tokens.schemas.ts';
import { updateAdminToken } from '../../../services/admin-tokens/update.ts';
import { defineRoute } from '../../define-route.ts';
import { tokenParamsSchema } from '../organization-params.ts';

export const updateAdminTokenRoute = defineRoute({
  method: 'patch',
  path: '/api/orgs/{id}/admin-tokens/{token_id}',
  tag: 'Administrator tokens',
  summary: 'Rename an administrator token',
  params: tokenParamsSchema,
  body: updateAdminTokenSchema,
  answer: adminTokenResourceSchema,
  run: (context, { params, body }) => updateAdminToken(context, params.token_id, body),
});
