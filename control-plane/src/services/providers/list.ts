import { tenantTransaction } from '../../db/transactions.ts';
import { type Page, type PageQuery, readPageQuery, toPage } from '../lists/page.ts';
import type { ServiceContext } from '../service-context.ts';
import { presentProvider } from './present-provider.ts';
import { selectProviders } from './providers.queries.ts';
import type { ProviderResource } from './providers.schemas.ts';

export async function listProviders(
  context: ServiceContext,
  query: PageQuery,
): Promise<Page<ProviderResource>> {
  const page = readPageQuery(query);
  const rows = await tenantTransaction(context.db, context.organizationId, (transaction) =>
    selectProviders(transaction, context.organizationId, page),
  );
  return toPage(rows, query, presentProvider);
}
