import { setTimeout as pause } from 'node:timers/promises';
import { tenantTransaction } from '../../db/transactions.ts';
import { createAgentCommand, getAgentCommand } from '../fleet/agent-commands.ts';
import { latestAgent } from '../fleet/agents.queries.ts';
import type { CommandView } from '../fleet/fleet.schemas.ts';
import { selectProvider } from '../providers/providers.queries.ts';
import type { ServiceContext } from '../service-context.ts';
import { notFound, ServiceError } from '../service-error.ts';

/** An agent that was silent for longer is not asked, in milliseconds. */
const ONLINE_MILLISECONDS = 2 * 60_000;
const LOOK_AGAIN_MILLISECONDS = 100;

/**
 * Asks the agent that was heard of last about a provider, and waits for its answer. The command stays after the wait: it can
 * be read later.
 *
 * @param waitSeconds how long to wait at most
 * @returns the command, without an answer where none came in time
 * @throws ServiceError `not_found`, or `conflict` when no agent is online
 */
export async function askAnAgent(
  context: ServiceContext,
  input: { type: 'validate_provider' | 'discover_models'; providerId: string; waitSeconds: number },
): Promise<CommandView> {
  const { organizationId } = context;
  const since = new Date(context.clock.now() - ONLINE_MILLISECONDS);
  const instance = await tenantTransaction(context.db, organizationId, async (transaction) => {
    if (!(await selectProvider(transaction, organizationId, input.providerId))) throw notFound('provider');
    return latestAgent(transaction, organizationId, since);
  });
  if (!instance)
    throw new ServiceError(
      'conflict',
      'no agent is online: start one with a token of this organization, then ask again',
    );
  const command = { type: input.type, provider_id: input.providerId };
  let view = await createAgentCommand(context, { instance, command });
  const deadline = performance.now() + input.waitSeconds * 1_000;
  while (view.answered_at === null && performance.now() < deadline) {
    await pause(LOOK_AGAIN_MILLISECONDS);
    view = await getAgentCommand(context, { instance, id: view.id });
  }
  return view;
}
