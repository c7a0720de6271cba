import { idSchema } from '@bonito/protocol';
import { type AdminIdentity, organizationExists } from '../db/system.queries.ts';
import type { Database } from '../db/transactions.ts';
import { notFound, ServiceError } from '../services/service-error.ts';

/** The header by which a platform token says which organization it acts for. */
export const ORGANIZATION_HEADER = 'Bonito-Organization';

/**
 * The organization that a request is about. An organization's own token reaches that one only; every other is as good as
 * absent to it.
 *
 * @param named from the path or the header, where either names one
 * @throws ServiceError `not_found`, or `organization_required` for a platform token without an organization of its own
 */
export async function actForOrganization(
  db: Database,
  identity: AdminIdentity,
  named: string | undefined,
): Promise<string> {
  if (named === undefined) {
    if (identity.organizationId) return identity.organizationId;
    throw new ServiceError(
      'organization_required',
      `this token belongs to no organization: name one in the header "${ORGANIZATION_HEADER}"`,
    );
  }
  if (named === identity.organizationId) return named;
  const reachable =
    identity.type === 'platform_token' &&
    idSchema.safeParse(named).success &&
    (await organizationExists(db, named));
  if (!reachable) throw notFound('organization');
  return named;
}
