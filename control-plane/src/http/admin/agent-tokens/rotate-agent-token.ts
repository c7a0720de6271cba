import { agentTokenWithSecretSchema } from '../../../services/agent-tokens/agent-tokens.schemas.ts';
import { rotateAgentToken } from '../../../services/agent-tokens/rotate.ts';
import { defineRoute } from '../../define-route.ts';
import { tokenParamsSchema } from '../organization-params.ts';

export const rotateAgentTokenRoute = defineRoute({
  method: 'post',
  path: '/api/orgs/{id}/tokens/{token_id}/rotate',
  tag: 'Agent tokens',
  summary: 'Move an agent token to its next generation',
  description:
    'Running agents learn of it by themselves. The generation before stays good while they still use it.',
  params: tokenParamsSchema,
  answer: agentTokenWithSecretSchema,
  run: (context, { params }) => rotateAgentToken(context, params.token_id),
});
