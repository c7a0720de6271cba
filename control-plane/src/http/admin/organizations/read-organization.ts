import { idParamsSchema } from '../../../services/lists/fields.ts';
import { organizationSchema } from '../../../services/organizations/organizations.schemas.ts';
import { readOrganization } from '../../../services/organizations/read.ts';
import { defineRoute } from '../../define-route.ts';

export const readOrganizationRoute = defineRoute({
  method: 'get',
  path: '/api/orgs/{id}',
  tag: 'Organizations',
  summary: 'Read an organization',
  params: idParamsSchema,
  answer: organizationSchema,
  run: (context) => readOrganization(context),
});
