import { deleteAgentToken } from '../../../services/agent-tokens/delete.ts';
import { defineRoute } from '../../define-route.ts';
import { tokenParamsSchema } from '../organization-params.ts';

export const deleteAgentTokenRoute = defineRoute({
  method: 'delete',
  path: '/api/orgs/{id}/tokens/{token_id}',
  tag: 'Agent tokens',
  summary: 'Revoke an agent token',
  params: tokenParamsSchema,
  status: 204,
  run: (context, { params }) => deleteAgentToken(context, params.token_id),
});
