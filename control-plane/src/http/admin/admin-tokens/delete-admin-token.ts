import { deleteAdminToken } from '../../../services/admin-tokens/delete.ts';
import { defineRoute } from '../../define-route.ts';
import { tokenParamsSchema } from '../organization-params.ts';

export const deleteAdminTokenRoute = defineRoute({
  method: 'delete',
  path: '/api/orgs/{id}/admin-tokens/{token_id}',
  tag: 'Administrator tokens',
  summary: 'Revoke an administrator token',
  params: tokenParamsSchema,
  status: 204,
  run: (context, { params }) => deleteAdminToken(context, params.token_id),
});
