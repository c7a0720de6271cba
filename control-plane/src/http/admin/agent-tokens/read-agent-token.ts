import { agentTokenResourceSchema } from '../../../services/agent-tokens/agent-tokens.schemas.ts';
import { readAgentToken } from '../../../services/agent-tokens/read.ts';
import { defineRoute } from '../../define-route.ts';
import { tokenParamsSchema } from '../organization-params.ts';

export const readAgentTokenRoute = defineRoute({
  method: 'get',
  path: '/api/orgs/{id}/tokens/{token_id}',
  tag: 'Agent tokens',
  summary: 'Read an agent token',
  params: tokenParamsSchema,
  answer: agentTokenResourceSchema,
  run: (context, { params }) => readAgentToken(context, params.token_id),
});
