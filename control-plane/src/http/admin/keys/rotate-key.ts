import { keyWithSecretSchema, rotateKeySchema } from '../../../services/keys/keys.schemas.ts';
import { rotateKey } from '../../../services/keys/rotate.ts';
import { idParamsSchema } from '../../../services/lists/fields.ts';
import { defineRoute } from '../../define-route.ts';

export const rotateKeyRoute = defineRoute({
  method: 'post',
  path: '/api/gateway/keys/{id}/rotate',
  tag: 'Keys',
  summary: 'Give a key a new secret',
  description: 'The secret before stays good for a grace; one that is in its grace already ends now.',
  params: idParamsSchema,
  body: rotateKeySchema,
  answer: keyWithSecretSchema,
  run: (context, { params, body }) => rotateKey(context, params.id, body),
});
