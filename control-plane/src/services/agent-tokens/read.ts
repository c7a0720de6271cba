import { tenantTransaction } from '../../db/transactions.ts';
import type { ServiceContext } from '../service-context.ts';
import { notFound } from '../service-error.ts';
import { selectAgentToken } from './agent-tokens.queries.ts';
import type { AgentTokenResource } from './agent-tokens.schemas.ts';
import { presentAgentToken } from './present-agent-token.ts';

export async function readAgentToken(context: ServiceContext, id: string): Promise<AgentTokenResource> {
  const row = await tenantTransaction(context.db, context.organizationId, (transaction) =>
    selectAgentToken(transaction, context.organizationId, id),
  );
  if (!row) throw notFound('agent token');
  return presentAgentToken(row);
}
