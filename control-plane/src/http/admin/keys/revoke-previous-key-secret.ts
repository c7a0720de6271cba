import { keyResourceSchema } from '../../../services/keys/keys.schemas.ts';
import { revokePreviousKeySecret } from '../../../services/keys/revoke-previous.ts';
import { idParamsSchema } from '../../../services/lists/fields.ts';
import { defineRoute } from '../../define-route.ts';

export const revokePreviousKeySecretRoute = defineRoute({
  method: 'post',
  path: '/api/gateway/keys/{id}/revoke-previous',
  tag: 'Keys',
  summary: 'End the grace of the secret before, now',
  params: idParamsSchema,
  answer: keyResourceSchema,
  run: (context, { params }) => revokePreviousKeySecret(context, params.id),
});
