import { formatTimestamp, newId } from '@bonito/protocol';
import { type DatabaseTransaction, tenantTransaction } from '../../db/transactions.ts';
import type { ServiceContext } from '../service-context.ts';
import { notFound, ServiceError } from '../service-error.ts';
import { write } from '../write.ts';
import {
  agentExists,
  countOpenCommands,
  insertCommand,
  providerExists,
  selectCommand,
} from './agents.queries.ts';
import type { CommandView, NewCommand } from './fleet.schemas.ts';

const OPEN_COMMANDS = 20;

/**
 * Asks something of one agent process. It is told at once where it waits for configuration, else with its next heartbeat.
 *
 * @throws ServiceError `not_found`, or `conflict` when too many commands wait for this process
 */
export async function createAgentCommand(
  context: ServiceContext,
  input: { instance: string; command: NewCommand },
): Promise<CommandView> {
  const { organizationId } = context;
  const id = newId(context.clock.now());
  return write(context, async (transaction) => {
    if (!(await agentExists(transaction, organizationId, input.instance))) throw notFound('agent');
    if (
      'provider_id' in input.command &&
      !(await providerExists(transaction, organizationId, input.command.provider_id))
    )
      throw notFound('provider');
    if ((await countOpenCommands(transaction, organizationId, input.instance)) >= OPEN_COMMANDS)
      throw new ServiceError(
        'conflict',
        `${OPEN_COMMANDS} commands wait for this agent; try again when it answered`,
      );
    await insertCommand(transaction, {
      organizationId,
      id,
      instance: input.instance,
      request: input.command,
      now: new Date(context.clock.now()),
    });
    const result = await readCommand(transaction, organizationId, input.instance, id);
    return {
      result,
      change: { object: 'agent_command', id, did: 'created', before: undefined, after: { ...result } },
      dirty: [],
    };
  });
}

/** @throws ServiceError `not_found` */
export function getAgentCommand(
  context: ServiceContext,
  input: { instance: string; id: string },
): Promise<CommandView> {
  return tenantTransaction(context.db, context.organizationId, (transaction) =>
    readCommand(transaction, context.organizationId, input.instance, input.id),
  );
}

async function readCommand(
  transaction: DatabaseTransaction,
  organizationId: string,
  instance: string,
  id: string,
): Promise<CommandView> {
  const row = await selectCommand(transaction, organizationId, instance, id);
  if (!row) throw notFound('command');
  return {
    id: row.id,
    instance: row.instance,
    type: row.type,
    provider_id: row.provider_id,
    created_at: formatTimestamp(row.created_at.getTime()),
    delivered_at: row.delivered_at && formatTimestamp(row.delivered_at.getTime()),
    answered_at: row.answered_at && formatTimestamp(row.answered_at.getTime()),
    result: row.result as CommandView['result'],
    error_code: row.error_code,
    reason: row.reason,
    permission: row.permission,
    models: row.type === 'discover_models' && row.answered_at ? row.models : null,
  };
}
