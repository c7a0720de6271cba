import { newId } from '@bonito/protocol';
import type { z } from 'zod';
import { selectRoute } from '../routes/routes.queries.ts';
import type { ServiceContext } from '../service-context.ts';
import { notFound, ServiceError } from '../service-error.ts';
import { write } from '../write.ts';
import { insertKey, insertKeySecret, selectKey } from './keys.queries.ts';
import type { createKeySchema, KeyWithSecret } from './keys.schemas.ts';
import { newKeySecret } from './new-key-secret.ts';
import { presentKey } from './present-key.ts';

/** Makes a key and answers its secret, this once. */
export function createKey(
  context: ServiceContext,
  input: z.output<typeof createKeySchema>,
): Promise<KeyWithSecret> {
  const { organizationId } = context;
  const now = new Date(context.clock.now());
  const id = newId(context.clock.now());
  const { key, ...stored } = newKeySecret(input.route_id);
  return write(context, async (transaction) => {
    if (input.route_id && !(await selectRoute(transaction, organizationId, input.route_id))) {
      const message = `there is no route ${input.route_id} in this organization`;
      throw new ServiceError('invalid_request', message, [{ path: 'route_id', message }]);
    }
    await insertKey(transaction, {
      ...input,
      org_id: organizationId,
      id,
      models: input.models && JSON.stringify(input.models),
      expires_at: input.expires_at === null ? null : new Date(input.expires_at),
      tags: JSON.stringify(input.tags),
      created_at: now,
      updated_at: now,
    });
    await insertKeySecret(transaction, { ...stored, org_id: organizationId, key_id: id, created_at: now });
    const row = await selectKey(transaction, organizationId, id);
    if (!row) throw notFound('key');
    const after = presentKey(row);
    return {
      result: { ...after, key },
      change: { object: 'key', id, did: 'created', before: undefined, after },
      dirty: [{ keyHashes: [stored.sha256] }],
    };
  });
}
