import { createKey } from '../../../services/keys/create.ts';
import { createKeySchema, keyWithSecretSchema } from '../../../services/keys/keys.schemas.ts';
import { defineRoute } from '../../define-route.ts';

export const createKeyRoute = defineRoute({
  method: 'post',
  path: '/api/gateway/keys',
  tag: 'Keys',
  summary: 'Create a key',
  body: createKeySchema,
  status: 201,
  answer: keyWithSecretSchema,
  run: (context, { body }) => createKey(context, body),
});
