import type { ServiceContext } from '../service-context.ts';
import { notFound } from '../service-error.ts';
import { write } from '../write.ts';
import { deleteSecrets, selectKey, updateKeyRow } from './keys.queries.ts';
import { presentKey } from './present-key.ts';

/** Deletes a key: its secrets are forgotten at once, its name stays for usage that names it. */
export function deleteKey(context: ServiceContext, id: string): Promise<void> {
  const { organizationId } = context;
  return write(context, async (transaction) => {
    const before = await selectKey(transaction, organizationId, id);
    if (!before) throw notFound('key');
    const hashes = before.secrets.map((secret) => secret.sha256);
    const now = new Date(context.clock.now());
    await deleteSecrets(transaction, organizationId, hashes);
    await updateKeyRow(transaction, organizationId, id, { deleted_at: now, updated_at: now });
    return {
      result: undefined,
      change: { object: 'key', id, did: 'deleted', before: presentKey(before), after: undefined },
      dirty: [{ keyHashes: hashes }],
    };
  });
}
