import { createRoute } from '../../../services/routes/create.ts';
import { createRouteSchema, routeResourceSchema } from '../../../services/routes/routes.schemas.ts';
import { defineRoute } from '../../define-route.ts';

export const createRouteRoute = defineRoute({
  method: 'post',
  path: '/api/routes',
  tag: 'Routes',
  summary: 'Create a route',
  body: createRouteSchema,
  status: 201,
  answer: routeResourceSchema,
  run: (context, { body }) => createRoute(context, body),
});
