import { keyResourceSchema } from '../../../services/keys/keys.schemas.ts';
import { readKey } from '../../../services/keys/read.ts';
import { idParamsSchema } from '../../../services/lists/fields.ts';
import { defineRoute } from '../../define-route.ts';

export const readKeyRoute = defineRoute({
  method: 'get',
  path: '/api/gateway/keys/{id}',
  tag: 'Keys',
  summary: 'Read a key',
  params: idParamsSchema,
  answer: keyResourceSchema,
  run: (context, { params }) => readKey(context, params.id),
});
