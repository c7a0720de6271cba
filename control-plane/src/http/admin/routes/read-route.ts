import { idParamsSchema } from '../../../services/lists/fields.ts';
import { readRoute } from '../../../services/routes/read.ts';
import { routeResourceSchema } from '../../../services/routes/routes.schemas.ts';
import { defineRoute } from '../../define-route.ts';

export const readRouteRoute = defineRoute({
  method: 'get',
  path: '/api/routes/{id}',
  tag: 'Routes',
  summary: 'Read a route',
  params: idParamsSchema,
  answer: routeResourceSchema,
  run: (context, { params }) => readRoute(context, params.id),
});
