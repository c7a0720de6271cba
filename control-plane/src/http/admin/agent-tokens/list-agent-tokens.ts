import { agentTokenResourceSchema } from '../../../services/agent-tokens/agent-tokens.schemas.ts';
import { listAgentTokens } from '../../../services/agent-tokens/list.ts';
import { pageQuerySchema, pageSchema } from '../../../services/lists/page.ts';
import { defineRoute } from '../../define-route.ts';
import { organizationParamsSchema } from '../organization-params.ts';

export const listAgentTokensRoute = defineRoute({
  method: 'get',
  path: '/api/orgs/{id}/tokens',
  tag: 'Agent tokens',
  summary: 'List agent tokens',
  params: organizationParamsSchema,
  query: pageQuerySchema,
  answer: pageSchema(agentTokenResourceSchema),
  run: (context, { query }) => listAgentTokens(context, query),
});
