import { tenantTransaction } from '../../db/transactions.ts';
import type { ServiceContext } from '../service-context.ts';
import { notFound } from '../service-error.ts';
import { selectAdminToken } from './admin-tokens.queries.ts';
import type { AdminTokenResource } from './admin-tokens.schemas.ts';
import { presentAdminToken } from './present-admin-token.ts';

export async function readAdminToken(context: ServiceContext, id: string): Promise<AdminTokenResource> {
  const row = await tenantTransaction(context.db, context.organizationId, (transaction) =>
    selectAdminToken(transaction, context.organizationId, id),
  );
  if (!row) throw notFound('administrator token');
  return presentAdminToken(row);
}
