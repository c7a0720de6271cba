import { catalogModelSchema, catalogQuerySchema } from '../../../services/catalog/catalog.schemas.ts';
import { listCatalogModels } from '../../../services/catalog/list.ts';
import { pageSchema } from '../../../services/lists/page.ts';
import { defineRoute } from '../../define-route.ts';

export const listCatalogModelsRoute = defineRoute({
  method: 'get',
  path: '/api/catalog/models',
  tag: 'Catalog',
  summary: 'List models and their prices',
  description: 'What providers publish. A deployment without a price of its own takes the one from here.',
  query: catalogQuerySchema,
  answer: pageSchema(catalogModelSchema),
  run: async (_context, { query }) => listCatalogModels(query),
});
