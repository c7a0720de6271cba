import {
  agentTokenWithSecretSchema,
  createAgentTokenSchema,
} from '../../../services/agent-tokens/agent-tokens.schemas.ts';
import { createAgentToken } from '../../../services/agent-tokens/create.ts';
import { defineRoute } from '../../define-route.ts';
import { organizationParamsSchema } from '../organization-params.ts';

export const createAgentTokenRoute = defineRoute({
  method: 'post',
  path: '/api/orgs/{id}/tokens',
  tag: 'Agent tokens',
  summary: 'Create an agent token',
  description: 'Shown once.',
  params: organizationParamsSchema,
  body: createAgentTokenSchema,
  status: 201,
  answer: agentTokenWithSecretSchema,
  run: (context, { body }) => createAgentToken(context, body),
});
