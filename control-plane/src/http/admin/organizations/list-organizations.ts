import { pageQuerySchema, pageSchema } from '../../../services/lists/page.ts';
import { listOrganizations } from '../../../services/organizations/list.ts';
import { organizationSchema } from '../../../services/organizations/organizations.schemas.ts';
import { defineRoute } from '../../define-route.ts';

export const listOrganizationsRoute = defineRoute({
  method: 'get',
  path: '/api/orgs',
  tag: 'Organizations',
  summary: 'List organizations',
  description: 'All of them for a token of the platform, its own one for any other.',
  withoutOrganization: true,
  query: pageQuerySchema,
  answer: pageSchema(organizationSchema),
  run: (context, { query }) => listOrganizations(context, query),
});
