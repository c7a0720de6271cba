import { tenantTransaction } from '../../db/transactions.ts';
import { type Page, type PageQuery, readPageQuery, toPage } from '../lists/page.ts';
import type { ServiceContext } from '../service-context.ts';
import { selectAdminTokens } from './admin-tokens.queries.ts';
import type { AdminTokenResource } from './admin-tokens.schemas.ts';
import { presentAdminToken } from './present-admin-token.ts';

export async function listAdminTokens(
  context: ServiceContext,
  query: PageQuery,
): Promise<Page<AdminTokenResource>> {
  const page = readPageQuery(query);
  const rows = await tenantTransaction(context.db, context.organizationId, (transaction) =>
    selectAdminTokens(transaction, context.organizationId, page),
  );
  return toPage(rows, query, presentAdminToken);
}
