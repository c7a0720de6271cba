import { createProvider } from '../../../services/providers/create.ts';
import {
  createProviderSchema,
  providerResourceSchema,
} from '../../../services/providers/providers.schemas.ts';
import { defineRoute } from '../../define-route.ts';

export const createProviderRoute = defineRoute({
  method: 'post',
  path: '/api/providers',
  tag: 'Providers',
  summary: 'Create a provider',
  body: createProviderSchema,
  status: 201,
  answer: providerResourceSchema,
  run: (context, { body }) => createProvider(context, body),
});
