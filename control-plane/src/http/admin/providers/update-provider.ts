import { idParamsSchema } from '../../../services/lists/fields.ts';
import {
  providerResourceSchema,
  updateProviderSchema,
} from '../../../services/providers/providers.schemas.ts';
import { updateProvider } from '../../../services/providers/update.ts';
import { defineRoute } from '../../define-route.ts';

export const updateProviderRoute = defineRoute({
  method: 'patch',
  path: '/api/providers/{id}',
  tag: 'Providers',
  summary: 'Change a provider',
  params: idParamsSchema,
  body: updateProviderSchema,
  answer: providerResourceSchema,
  run: (context, { params, body }) => updateProvider(context, params.id, body),
});
