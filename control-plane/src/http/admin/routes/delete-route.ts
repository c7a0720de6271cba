import { idParamsSchema } from '../../../services/lists/fields.ts';
import { deleteRoute } from '../../../services/routes/delete.ts';
import { defineRoute } from '../../define-route.ts';

export const deleteRouteRoute = defineRoute({
  method: 'delete',
  path: '/api/routes/{id}',
  tag: 'Routes',
  summary: 'Delete a route',
  params: idParamsSchema,
  status: 204,
  run: (context, { params }) => deleteRoute(context, params.id),
});
