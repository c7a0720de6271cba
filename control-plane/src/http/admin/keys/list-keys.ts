import { keyResourceSchema } from '../../../services/keys/keys.schemas.ts';
import { listKeys } from '../../../services/keys/list.ts';
import { pageQuerySchema, pageSchema } from '../../../services/lists/page.ts';
import { defineRoute } from '../../define-route.ts';

export const listKeysRoute = defineRoute({
  method: 'get',
  path: '/api/gateway/keys',
  tag: 'Keys',
  summary: 'List keys',
  query: pageQuerySchema,
  answer: pageSchema(keyResourceSchema),
  run: (context, { query }) => listKeys(context, query),
});
