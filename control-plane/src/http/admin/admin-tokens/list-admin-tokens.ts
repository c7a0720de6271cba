import { adminTokenResourceSchema } from '../../../services/admin-tokens/admin-tokens.schemas.ts';
import { listAdminTokens } from '../../../services/admin-tokens/list.ts';
import { pageQuerySchema, pageSchema } from '../../../services/lists/page.ts';
import { defineRoute } from '../../define-route.ts';
import { organizationParamsSchema } from '../organization-params.ts';

export const listAdminTokensRoute = defineRoute({
  method: 'get',
  path: '/api/orgs/{id}/admin-tokens',
  tag: 'Administrator tokens',
  summary: 'List administrator tokens',
  params: organizationParamsSchema,
  query: pageQuerySchema,
  answer: pageSchema(adminTokenResourceSchema),
  run: (context, { query }) => listAdminTokens(context, query),
});
