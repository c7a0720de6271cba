import { agentTokenResourceSchema } from '../../../services/agent-tokens/agent-tokens.schemas.ts';
import { revokePreviousAgentToken } from '../../../services/agent-tokens/revoke-previous.ts';
import { defineRoute } from '../../define-route.ts';
import { tokenParamsSchema } from '../organization-params.ts';

export const revokePreviousAgentTokenRoute = defineRoute({
  method: 'post',
  path: '/api/orgs/{id}/tokens/{token_id}/revoke-previous',
  tag: 'Agent tokens',
  summary: 'End the generation before, now',
  params: tokenParamsSchema,
  answer: agentTokenResourceSchema,
  run: (context, { params }) => revokePreviousAgentToken(context, params.token_id),
});
