import { idParamsSchema } from '../../../services/lists/fields.ts';
import { deleteProvider } from '../../../services/providers/delete.ts';
import { defineRoute } from '../../define-route.ts';

export const deleteProviderRoute = defineRoute({
  method: 'delete',
  path: '/api/providers/{id}',
  tag: 'Providers',
  summary: 'Delete a provider',
  params: idParamsSchema,
  status: 204,
  run: (context, { params }) => deleteProvider(context, params.id),
});
