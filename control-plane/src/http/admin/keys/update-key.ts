import { keyResourceSchema, updateKeySchema } from '../../../services/keys/keys.schemas.ts';
import { updateKey } from '../../../services/keys/update.ts';
import { idParamsSchema } from '../../../services/lists/fields.ts';
import { defineRoute } from '../../define-route.ts';

export const updateKeyRoute = defineRoute({
  method: 'patch',
  path: '/api/gateway/keys/{id}',
  tag: 'Keys',
  summary: 'Change a key',
  params: idParamsSchema,
  body: updateKeySchema,
  answer: keyResourceSchema,
  run: (context, { params, body }) => updateKey(context, params.id, body),
});
