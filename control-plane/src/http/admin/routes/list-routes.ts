import { pageQuerySchema, pageSchema } from '../../../services/lists/page.ts';
import { listRoutes } from '../../../services/routes/list.ts';
import { routeResourceSchema } from '../../../services/routes/routes.schemas.ts';
import { defineRoute } from '../../define-route.ts';

export const listRoutesRoute = defineRoute({
  method: 'get',
  path: '/api/routes',
  tag: 'Routes',
  summary: 'List routes',
  query: pageQuerySchema,
  answer: pageSchema(routeResourceSchema),
  run: (context, { query }) => listRoutes(context, query),
});
