import { idParamsSchema } from '../../../services/lists/fields.ts';
import {
  organizationSchema,
  updateOrganizationSchema,
} from '../../../services/organizations/organizations.schemas.ts';
import { updateOrganization } from '../../../services/organizations/update.ts';
import { defineRoute } from '../../define-route.ts';

export const updateOrganizationRoute = defineRoute({
  method: 'patch',
  path: '/api/orgs/{id}',
  tag: 'Organizations',
  summary: 'Change an organization',
  params: idParamsSchema,
  body: updateOrganizationSchema,
  answer: organizationSchema,
  run: (context, { body }) => updateOrganization(context, body),
});
