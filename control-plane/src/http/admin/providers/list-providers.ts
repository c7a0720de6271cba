import { pageQuerySchema, pageSchema } from '../../../services/lists/page.ts';
import { listProviders } from '../../../services/providers/list.ts';
import { providerResourceSchema } from '../../../services/providers/providers.schemas.ts';
import { defineRoute } from '../../define-route.ts';

export const listProvidersRoute = defineRoute({
  method: 'get',
  path: '/api/providers',
  tag: 'Providers',
  summary: 'List providers',
  query: pageQuerySchema,
  answer: pageSchema(providerResourceSchema),
  run: (context, { query }) => listProviders(context, query),
});
