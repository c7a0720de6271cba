import { CREDENTIAL_PREFIXES, sha256 } from '@bonito/protocol';
import { type AdminIdentity, findAdminIdentity } from '../db/system.queries.ts';
import type { Database } from '../db/transactions.ts';
import { ServiceError } from '../services/service-error.ts';

const LONGEST_TOKEN = 200;

/**
 * Whom a request's `Authorization` header stands for.
 *
 * @throws ServiceError `unauthenticated`; the same for a header that is absent, malformed, unknown or revoked
 */
export async function identify(db: Database, authorization: string | undefined): Promise<AdminIdentity> {
  const token = /^Bearer ([\x21-\x7e]+)$/i.exec(authorization ?? '')?.[1];
  if (!token) {
    throw new ServiceError(
      'unauthenticated',
      `send an administrator's token: "Authorization: Bearer ${CREDENTIAL_PREFIXES.administratorToken}…"`,
    );
  }
  const identity = token.length <= LONGEST_TOKEN ? await findAdminIdentity(db, sha256(token)) : undefined;
  if (!identity) throw new ServiceError('unauthenticated', 'the token is not known, or it was revoked');
  return identity;
}
