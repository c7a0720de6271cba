import type { Updateable } from 'kysely';
import type { AdminTokensTable } from '../../db/schema/configuration.ts';
import type { ServiceContext } from '../service-context.ts';
import { notFound } from '../service-error.ts';
import { write } from '../write.ts';
import { type AdminTokenRow, selectAdminToken, updateAdminTokenRow } from './admin-tokens.queries.ts';
import type { AdminTokenResource } from './admin-tokens.schemas.ts';
import { presentAdminToken } from './present-admin-token.ts';

/** Every change of a live token: finds it, sets what `values` says, writes the audit entry. */
export function changeAdminToken(
  context: ServiceContext,
  id: string,
  did: string,
  values: (before: AdminTokenRow, now: Date) => Updateable<AdminTokensTable>,
): Promise<AdminTokenResource> {
  const { organizationId } = context;
  const now = new Date(context.clock.now());
  return write(context, async (transaction) => {
    const before = await selectAdminToken(transaction, organizationId, id);
    if (!before) throw notFound('administrator token');
    const row = await updateAdminTokenRow(transaction, organizationId, id, values(before, now));
    const after = presentAdminToken(row);
    return {
      result: after,
      change: { object: 'admin_token', id, did, before: presentAdminToken(before), after },
      dirty: [],
    };
  });
}
