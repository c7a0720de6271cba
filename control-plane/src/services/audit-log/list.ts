import { tenantTransaction } from '../../db/transactions.ts';
import { type Page, type PageQuery, readPageQuery, toPage } from '../lists/page.ts';
import type { ServiceContext } from '../service-context.ts';
import { selectAuditEntries } from './audit-log.queries.ts';
import type { AuditEntry } from './audit-log.schemas.ts';

/** What was changed, by whom, the newest first. */
export async function listAuditLog(context: ServiceContext, query: PageQuery): Promise<Page<AuditEntry>> {
  const page = readPageQuery(query);
  const rows = await tenantTransaction(context.db, context.organizationId, (transaction) =>
    selectAuditEntries(transaction, context.organizationId, page),
  );
  return toPage(rows, query, ({ org_id: _, occurred_at, ...row }) => ({
    ...row,
    occurred_at: occurred_at.toISOString(),
  }));
}
