import type { z } from 'zod';
import { withoutAbsent } from '../lists/without-absent.ts';
import type { ServiceContext } from '../service-context.ts';
import { notFound } from '../service-error.ts';
import { write } from '../write.ts';
import { selectOrganization, updateOrganizationRow } from './organizations.queries.ts';
import type { Organization, updateOrganizationSchema } from './organizations.schemas.ts';
import { presentOrganization } from './present-organization.ts';

export function updateOrganization(
  context: ServiceContext,
  input: z.output<typeof updateOrganizationSchema>,
): Promise<Organization> {
  const { organizationId } = context;
  return write(context, async (transaction) => {
    const before = await selectOrganization(transaction, organizationId);
    if (!before) throw notFound('organization');
    const { metadata, ...rest } = withoutAbsent(input);
    const after = await updateOrganizationRow(transaction, organizationId, {
      ...rest,
      ...(metadata && { metadata: JSON.stringify(metadata) }),
      updated_at: new Date(context.clock.now()),
    });
    const result = presentOrganization(after);
    return {
      result,
      change: {
        object: 'organization',
        id: organizationId,
        did: 'updated',
        before: presentOrganization(before),
        after: result,
      },
      dirty: input.max_offline_seconds === undefined ? [] : ['settings'],
    };
  });
}
