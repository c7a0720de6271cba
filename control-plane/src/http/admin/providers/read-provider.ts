import { idParamsSchema } from '../../../services/lists/fields.ts';
import { providerResourceSchema } from '../../../services/providers/providers.schemas.ts';
import { readProvider } from '../../../services/providers/read.ts';
import { defineRoute } from '../../define-route.ts';

export const readProviderRoute = defineRoute({
  method: 'get',
  path: '/api/providers/{id}',
  tag: 'Providers',
  summary: 'Read a provider',
  params: idParamsSchema,
  answer: providerResourceSchema,
  run: (context, { params }) => readProvider(context, params.id),
});
