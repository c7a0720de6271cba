import { idParamsSchema } from '../../../services/lists/fields.ts';
import { routeResourceSchema, updateRouteSchema } from '../../../services/routes/routes.schemas.ts';
import { updateRoute } from '../../../services/routes/update.ts';
import { defineRoute } from '../../define-route.ts';

export const updateRouteRoute = defineRoute({
  method: 'patch',
  path: '/api/routes/{id}',
  tag: 'Routes',
  summary: 'Change a route',
  params: idParamsSchema,
  body: updateRouteSchema,
  answer: routeResourceSchema,
  run: (context, { params, body }) => updateRoute(context, params.id, body),
});
