import type { ServiceContext } from '../service-context.ts';
import { notFound, ServiceError } from '../service-error.ts';
import { write } from '../write.ts';
import {
  countContents,
  revokeAdminTokens,
  selectOrganization,
  updateOrganizationRow,
} from './organizations.queries.ts';
import { presentOrganization } from './present-organization.ts';

/** Deletes an empty organization, its administrators' tokens with it. Its usage and audit log stay for the books. */
export function deleteOrganization(context: ServiceContext): Promise<void> {
  const { organizationId } = context;
  return write(context, async (transaction) => {
    const before = await selectOrganization(transaction, organizationId);
    if (!before) throw notFound('organization');
    const contents = await countContents(transaction, organizationId);
    if (contents.length > 0) {
      const list = contents.map(({ kind, count }) => `${count} ${kind}`).join(', ');
      throw new ServiceError('in_use', `the organization still has ${list}: delete or revoke them first`);
    }
    const now = new Date(context.clock.now());
    await revokeAdminTokens(transaction, organizationId, now);
    await updateOrganizationRow(transaction, organizationId, { deleted_at: now, updated_at: now });
    return {
      result: undefined,
      change: {
        object: 'organization',
        id: organizationId,
        did: 'deleted',
        before: presentOrganization(before),
        after: undefined,
      },
      dirty: [],
    };
  });
}
