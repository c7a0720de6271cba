import { sql } from 'kysely';
import type { DatabaseTransaction } from '../../db/transactions.ts';
import type { NewCommand } from './fleet.schemas.ts';

/** A page of an organization's agent processes, by instance. */
export function selectAgents(
  transaction: DatabaseTransaction,
  organizationId: string,
  page: { after: string | undefined; limit: number },
) {
  let query = transaction.selectFrom('agents').selectAll().where('org_id', '=', organizationId);
  if (page.after) query = query.where('instance', '<', page.after);
  return query.orderBy('instance', 'desc').limit(page.limit).execute();
}

export function agentExists(transaction: DatabaseTransaction, organizationId: string, instance: string) {
  return transaction
    .selectFrom('agents')
    .select('instance')
    .where('org_id', '=', organizationId)
    .where('instance', '=', instance)
    .executeTakeFirst();
}

/** The agent process that was heard of last, if that was after `since`. */
export async function latestAgent(
  transaction: DatabaseTransaction,
  organizationId: string,
  since: Date,
): Promise<string | undefined> {
  const row = await transaction
    .selectFrom('agents')
    .select('instance')
    .where('org_id', '=', organizationId)
    .where('last_seen_at', '>', since)
    .orderBy('last_seen_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.instance;
}

export function providerExists(transaction: DatabaseTransaction, organizationId: string, id: string) {
  return transaction
    .selectFrom('providers')
    .select('id')
    .where('org_id', '=', organizationId)
    .where('id', '=', id)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
}

/** How many commands an instance has open. */
export async function countOpenCommands(
  transaction: DatabaseTransaction,
  organizationId: string,
  instance: string,
): Promise<number> {
  const { rows } = await sql<{ open: number }>`
    select count(*)::int as open
    from agent_commands
    where org_id = ${organizationId}
      and instance = ${instance}
      and answered_at is null
      and created_at > now() - interval '1 hour'
  `.execute(transaction);
  return rows[0]?.open ?? 0;
}

export async function insertCommand(
  transaction: DatabaseTransaction,
  command: { organizationId: string; id: string; instance: string; request: NewCommand; now: Date },
): Promise<void> {
  await transaction
    .insertInto('agent_commands')
    .values({
      org_id: command.organizationId,
      id: command.id,
      instance: command.instance,
      type: command.request.type,
      provider_id: 'provider_id' in command.request ? command.request.provider_id : null,
      created_at: command.now,
    })
    .execute();
}

/** A command with what it found, where it looked for models. */
export function selectCommand(
  transaction: DatabaseTransaction,
  organizationId: string,
  instance: string,
  id: string,
) {
  return transaction
    .selectFrom('agent_commands')
    .leftJoin('discovered_models', (join) =>
      join
        .onRef('discovered_models.org_id', '=', 'agent_commands.org_id')
        .onRef('discovered_models.provider_id', '=', 'agent_commands.provider_id'),
    )
    .selectAll('agent_commands')
    .select('discovered_models.models')
    .where('agent_commands.org_id', '=', organizationId)
    .where('agent_commands.instance', '=', instance)
    .where('agent_commands.id', '=', id)
    .executeTakeFirst();
}
