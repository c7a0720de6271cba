import type { Updateable } from 'kysely';
import type { AgentTokensTable } from '../../db/schema/configuration.ts';
import type { ServiceContext } from '../service-context.ts';
import { notFound } from '../service-error.ts';
import { write } from '../write.ts';
import { type AgentTokenRow, selectAgentToken, updateAgentTokenRow } from './agent-tokens.queries.ts';
import type { AgentTokenResource } from './agent-tokens.schemas.ts';
import { presentAgentToken } from './present-agent-token.ts';

/**
 * Every change of a live token: finds it, sets what `values` says, writes the audit entry. The write's wake-up makes every
 * replica forget what it remembers of the organization's tokens, and agents that wait show theirs again.
 */
export async function changeAgentToken(
  context: ServiceContext,
  id: string,
  did: string,
  values: (before: AgentTokenRow, now: Date) => Updateable<AgentTokensTable>,
): Promise<AgentTokenResource> {
  const { organizationId } = context;
  const now = new Date(context.clock.now());
  return write(context, async (transaction) => {
    const before = await selectAgentToken(transaction, organizationId, id);
    if (!before) throw notFound('agent token');
    const row = await updateAgentTokenRow(transaction, organizationId, id, values(before, now));
    const after = presentAgentToken(row);
    return {
      result: after,
      change: { object: 'agent_token', id, did, before: presentAgentToken(before), after },
      dirty: [],
    };
  });
}
