import { tenantTransaction } from '../../db/transactions.ts';
import { type Page, type PageQuery, readPageQuery, toPage } from '../lists/page.ts';
import type { ServiceContext } from '../service-context.ts';
import { selectAgentTokens } from './agent-tokens.queries.ts';
import type { AgentTokenResource } from './agent-tokens.schemas.ts';
import { presentAgentToken } from './present-agent-token.ts';

export async function listAgentTokens(
  context: ServiceContext,
  query: PageQuery,
): Promise<Page<AgentTokenResource>> {
  const page = readPageQuery(query);
  const rows = await tenantTransaction(context.db, context.organizationId, (transaction) =>
    selectAgentTokens(transaction, context.organizationId, page),
  );
  return toPage(rows, query, presentAgentToken);
}
