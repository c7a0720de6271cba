import { CREDENTIAL_PREFIXES, maskCredential, newId, newSecret, sha256 } from '@bonito/protocol';
import type { z } from 'zod';
import type { ServiceContext } from '../service-context.ts';
import { write } from '../write.ts';
import { insertAdminToken } from './admin-tokens.queries.ts';
import type { AdminTokenWithSecret, createAdminTokenSchema } from './admin-tokens.schemas.ts';
import { presentAdminToken } from './present-admin-token.ts';

/** Makes a `ba-` token of one organization and answers it, this once. */
export function createAdminToken(
  context: ServiceContext,
  input: z.output<typeof createAdminTokenSchema>,
): Promise<AdminTokenWithSecret> {
  const { organizationId } = context;
  const id = newId(context.clock.now());
  const token = newSecret(CREDENTIAL_PREFIXES.administratorToken);
  return write(context, async (transaction) => {
    const row = await insertAdminToken(transaction, {
      org_id: organizationId,
      id,
      name: input.name,
      sha256: sha256(token),
      hint: maskCredential(token),
      created_at: new Date(context.clock.now()),
    });
    const after = presentAdminToken(row);
    return {
      result: { ...after, token },
      change: { object: 'admin_token', id, did: 'created', before: undefined, after },
      dirty: [],
    };
  });
}
