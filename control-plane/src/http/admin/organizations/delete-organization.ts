import { idParamsSchema } from '../../../services/lists/fields.ts';
import { deleteOrganization } from '../../../services/organizations/delete.ts';
import { defineRoute } from '../../define-route.ts';

export const deleteOrganizationRoute = defineRoute({
  method: 'delete',
  path: '/api/orgs/{id}',
  tag: 'Organizations',
  summary: 'Delete an empty organization',
  access: 'platform',
  params: idParamsSchema,
  status: 204,
  run: (context) => deleteOrganization(context),
});
