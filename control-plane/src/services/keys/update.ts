import type { z } from 'zod';
import { withoutAbsent } from '../lists/without-absent.ts';
import type { ServiceContext } from '../service-context.ts';
import { notFound } from '../service-error.ts';
import { write } from '../write.ts';
import { selectKey, updateKeyRow } from './keys.queries.ts';
import type { KeyResource, updateKeySchema } from './keys.schemas.ts';
import { presentKey } from './present-key.ts';

export function updateKey(
  context: ServiceContext,
  id: string,
  input: z.output<typeof updateKeySchema>,
): Promise<KeyResource> {
  const { organizationId } = context;
  const { models, expires_at, tags, ...rest } = withoutAbsent(input);
  return write(context, async (transaction) => {
    const before = await selectKey(transaction, organizationId, id);
    if (!before) throw notFound('key');
    await updateKeyRow(transaction, organizationId, id, {
      ...rest,
      ...(models !== undefined && { models: models && JSON.stringify(models) }),
      ...(expires_at !== undefined && { expires_at: expires_at === null ? null : new Date(expires_at) }),
      ...(tags && { tags: JSON.stringify(tags) }),
      updated_at: new Date(context.clock.now()),
    });
    const after = await selectKey(transaction, organizationId, id);
    if (!after) throw notFound('key');
    const result = presentKey(after);
    return {
      result,
      change: { object: 'key', id, did: 'updated', before: presentKey(before), after: result },
      dirty: [{ keyHashes: after.secrets.map((secret) => secret.sha256) }],
    };
  });
}
