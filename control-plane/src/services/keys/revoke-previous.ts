import type { ServiceContext } from '../service-context.ts';
import { notFound } from '../service-error.ts';
import { write } from '../write.ts';
import { deleteSecrets, selectKey, updateKeyRow } from './keys.queries.ts';
import type { KeyResource } from './keys.schemas.ts';
import { presentKey } from './present-key.ts';

/** Ends the grace of the secret before the current one, now. Does nothing more where there is none. */
export function revokePreviousKeySecret(context: ServiceContext, id: string): Promise<KeyResource> {
  const { organizationId } = context;
  return write(context, async (transaction) => {
    const before = await selectKey(transaction, organizationId, id);
    if (!before) throw notFound('key');
    const ended = before.secrets
      .filter((secret) => secret.expires_at !== null)
      .map((secret) => secret.sha256);
    await deleteSecrets(transaction, organizationId, ended);
    await updateKeyRow(transaction, organizationId, id, { updated_at: new Date(context.clock.now()) });
    const row = await selectKey(transaction, organizationId, id);
    if (!row) throw notFound('key');
    const result = presentKey(row);
    return {
      result,
      change: { object: 'key', id, did: 'previous_revoked', before: presentKey(before), after: result },
      dirty: ended.length > 0 ? [{ keyHashes: ended }] : [],
    };
  });
}
