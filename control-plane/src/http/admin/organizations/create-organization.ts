import { createOrganization } from '../../../services/organizations/create.ts';
import {
  createOrganizationSchema,
  organizationSchema,
} from '../../../services/organizations/organizations.schemas.ts';
import { defineRoute } from '../../define-route.ts';

export const createOrganizationRoute = defineRoute({
  method: 'post',
  path: '/api/orgs',
  tag: 'Organizations',
  summary: 'Create an organization',
  description:
    'The first one that a platform token creates becomes its own: what it acts for when a request names none.',
  access: 'platform',
  withoutOrganization: true,
  body: createOrganizationSchema,
  status: 201,
  answer: organizationSchema,
  run: (context, { body }) => createOrganization(context, body),
});
