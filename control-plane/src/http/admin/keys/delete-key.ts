import { deleteKey } from '../../../services/keys/delete.ts';
import { idParamsSchema } from '../../../services/lists/fields.ts';
import { defineRoute } from '../../define-route.ts';

export const deleteKeyRoute = defineRoute({
  method: 'delete',
  path: '/api/gateway/keys/{id}',
  tag: 'Keys',
  summary: 'Delete a key',
  params: idParamsSchema,
  status: 204,
  run: (context, { params }) => deleteKey(context, params.id),
});
