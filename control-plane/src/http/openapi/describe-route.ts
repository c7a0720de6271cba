import { problemSchema } from '@bonito/protocol';
import type { RouteConfig } from '@hono/zod-openapi';
import type { z } from 'zod';
import { ORGANIZATION_HEADER } from '../../authorization/act-for-organization.ts';
import type { RouteDefinition } from '../define-route.ts';

/** The scheme that every route of the admin API is guarded with. */
export const ADMIN_SECURITY = 'administratorToken';

const problem = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: problemSchema } },
});

/** A route's entry in the OpenAPI document. */
export function describeRoute(route: RouteDefinition): RouteConfig {
  const params = route.params as z.ZodObject | undefined;
  const query = route.query as z.ZodObject | undefined;
  return {
    method: route.method,
    path: route.path,
    tags: [route.tag],
    summary: route.summary,
    ...(route.description && { description: route.description }),
    operationId: `${route.method}_${route.path.replaceAll(/[^a-z]+/gi, '_').replace(/^_api_|_$/g, '')}`,
    security: [{ [ADMIN_SECURITY]: [] }],
    request: {
      ...(params && { params }),
      ...(query && { query }),
      ...(route.body && {
        body: { required: true, content: { 'application/json': { schema: route.body } } },
      }),
    },
    responses: {
      [route.status]: route.answer
        ? { description: 'Done', content: { 'application/json': { schema: route.answer } } }
        : { description: 'Done' },
      400: problem('The body is not JSON, or no organization was named'),
      401: problem('The token is absent, unknown or revoked'),
      ...(route.access === 'platform' && { 403: problem('Only for tokens of the platform') }),
      404: problem('Not there, or of another organization'),
      ...(route.method !== 'get' && { 409: problem('In the way of something else, which it names') }),
      ...(route.body && {
        413: problem('The body is over 1 MB'),
        415: problem('The body is not sent as JSON'),
      }),
      422: problem('The input is not valid; it says where'),
    },
    ...(!route.withoutOrganization &&
      !route.path.startsWith('/api/orgs/') && {
        'x-organization-header': ORGANIZATION_HEADER,
      }),
  };
}
