import { tenantTransaction } from '../../db/transactions.ts';
import { type Page, type PageQuery, readPageQuery, toPage } from '../lists/page.ts';
import type { ServiceContext } from '../service-context.ts';
import { selectKeys } from './keys.queries.ts';
import type { KeyResource } from './keys.schemas.ts';
import { presentKey } from './present-key.ts';

export async function listKeys(context: ServiceContext, query: PageQuery): Promise<Page<KeyResource>> {
  const page = readPageQuery(query);
  const rows = await tenantTransaction(context.db, context.organizationId, (transaction) =>
    selectKeys(transaction, context.organizationId, page),
  );
  return toPage(rows, query, presentKey);
}
