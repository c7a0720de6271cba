import { pageSchema } from '../../../services/lists/page.ts';
import { listLogs } from '../../../services/usage/list-logs.ts';
import { logRowSchema, logsQuerySchema } from '../../../services/usage/usage.schemas.ts';
import { defineRoute, type RouteDefinition } from '../../define-route.ts';

/** Single requests. */
export const logRoutes: readonly RouteDefinition[] = [
  defineRoute({
    method: 'get',
    path: '/api/gateway/logs',
    tag: 'Usage',
    summary: 'List requests',
    description:
      'The numbers of each request, newest first; never its content. A request whose end was not seen, because the agent was killed, has the status `error` and the code `unknown`.',
    query: logsQuerySchema,
    answer: pageSchema(logRowSchema),
    run: (context, { query }) => listLogs(context, query),
  }),
];
