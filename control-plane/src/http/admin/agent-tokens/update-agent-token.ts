import {
  agentTokenResourceSchema,
  updateAgentTokenSchema,
} from '../../../services/agent-tokens/agent-tokens.schemas.ts';
import { updateAgentToken } from '../../../services/agent-tokens/update.ts';
import { defineRoute } from '../../define-route.ts';
import { tokenParamsSchema } from '../organization-params.ts';

export const updateAgentTokenRoute = defineRoute({
  method: 'patch',
  path: '/api/orgs/{id}/tokens/{token_id}',
  tag: 'Agent tokens',
  summary: 'Rename an agent token',
  params: tokenParamsSchema,
  body: updateAgentTokenSchema,
  answer: agentTokenResourceSchema,
  run: (context, { params, body }) => updateAgentToken(context, params.token_id, body),
});
