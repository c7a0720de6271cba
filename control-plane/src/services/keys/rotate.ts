import type { z } from 'zod';
import type { ServiceContext } from '../service-context.ts';
import { notFound } from '../service-error.ts';
import { write } from '../write.ts';
import { deleteSecrets, insertKeySecret, selectKey, setSecretExpiry, updateKeyRow } from './keys.queries.ts';
import type { KeyWithSecret, rotateKeySchema } from './keys.schemas.ts';
import { newKeySecret } from './new-key-secret.ts';
import { presentKey } from './present-key.ts';

/**
 * Gives a key a new secret and answers it, this once. The one before stays good for its grace; one that was already in its
 * grace ends now, so that never more than two are live. The key's id, and with it its usage, stays.
 */
export function rotateKey(
  context: ServiceContext,
  id: string,
  input: z.output<typeof rotateKeySchema>,
): Promise<KeyWithSecret> {
  const { organizationId } = context;
  const now = new Date(context.clock.now());
  const graceEnd = new Date(context.clock.now() + input.grace_seconds * 1_000);
  return write(context, async (transaction) => {
    const before = await selectKey(transaction, organizationId, id);
    if (!before) throw notFound('key');
    const { key, ...stored } = newKeySecret(before.route_id);
    const ended = before.secrets.filter((secret) => secret.expires_at !== null || input.grace_seconds === 0);
    const graced = before.secrets.find((secret) => !ended.includes(secret));
    await deleteSecrets(
      transaction,
      organizationId,
      ended.map((secret) => secret.sha256),
    );
    if (graced) await setSecretExpiry(transaction, organizationId, graced.sha256, graceEnd);
    await insertKeySecret(transaction, { ...stored, org_id: organizationId, key_id: id, created_at: now });
    await updateKeyRow(transaction, organizationId, id, { updated_at: now });
    const row = await selectKey(transaction, organizationId, id);
    if (!row) throw notFound('key');
    const after = presentKey(row);
    return {
      result: { ...after, key },
      change: { object: 'key', id, did: 'rotated', before: presentKey(before), after },
      dirty: [{ keyHashes: [...before.secrets.map((secret) => secret.sha256), stored.sha256] }],
    };
  });
}
