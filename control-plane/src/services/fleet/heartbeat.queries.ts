import type { CommandAnswer, HeartbeatRequest } from '@bonito/protocol';
import { sql } from 'kysely';
import type { DatabaseTransaction } from '../../db/transactions.ts';
import type { AgentIdentity } from './authenticate-agent.ts';

/** Text as the database can hold it: without NUL characters and halves of surrogate pairs. */
function storable(_key: string, value: unknown): unknown {
  return typeof value === 'string' ? value.toWellFormed().replaceAll('\0', '') : value;
}

/** Writes down how an agent process says that it is. */
export async function storeHeartbeat(
  transaction: DatabaseTransaction,
  agent: AgentIdentity,
  instance: string,
  beat: HeartbeatRequest,
  now: Date,
): Promise<void> {
  const values = {
    token_id: agent.tokenId,
    token_generation: agent.generation,
    version: beat.agent_version,
    protocol: beat.protocol,
    started_at: new Date(beat.started_at),
    last_seen_at: now,
    applied_epoch: beat.applied?.epoch ?? null,
    applied_revision: beat.applied?.revision ?? null,
    rejection: beat.rejected ? JSON.stringify(beat.rejected, storable) : null,
    spool: JSON.stringify(beat.spool),
    requests: JSON.stringify(beat.requests),
    providers: JSON.stringify(beat.providers),
  };
  await transaction
    .insertInto('agents')
    .values({ org_id: agent.organizationId, instance, first_seen_at: now, ...values })
    .onConflict((conflict) => conflict.columns(['org_id', 'instance']).doUpdateSet(values))
    .execute();
}

/** Writes down when a token's generation was last used: the older one's use keeps its grace from ending. */
export async function touchToken(
  transaction: DatabaseTransaction,
  agent: AgentIdentity,
  now: Date,
): Promise<{ sha256: string } | undefined> {
  const old = agent.generation < agent.newestGeneration;
  return transaction
    .updateTable('agent_tokens')
    .set(old ? { previous_last_used_at: now, last_used_at: now } : { last_used_at: now })
    .where('org_id', '=', agent.organizationId)
    .where('id', '=', agent.tokenId)
    .where('revoked_at', 'is', null)
    .returning('sha256')
    .executeTakeFirst();
}

/** Takes an agent's answers in. Ones to commands of another instance, or that were answered before, change nothing. */
export async function storeAnswers(
  transaction: DatabaseTransaction,
  organizationId: string,
  instance: string,
  answers: readonly CommandAnswer[],
  now: Date,
): Promise<void> {
  for (const answer of answers) {
    await transaction
      .updateTable('agent_commands')
      .set({
        answered_at: now,
        result: answer.result,
        error_code: answer.error_code ?? null,
        reason: answer.reason ?? null,
        permission: answer.permission ?? null,
      })
      .where('org_id', '=', organizationId)
      .where('id', '=', answer.id)
      .where('instance', '=', instance)
      .where('answered_at', 'is', null)
      .execute();
  }
}

/** An open command. */
export interface OpenCommand {
  id: string;
  type: 'validate_provider' | 'discover_models' | 'report_all';
  provider_id: string | null;
}

/**
 * The commands that an instance is to carry out, oldest first, marked as delivered. One that stays without an answer is
 * given again after five minutes, for an hour.
 */
export async function takeCommands(
  transaction: DatabaseTransaction,
  organizationId: string,
  instance: string,
  now: Date,
): Promise<OpenCommand[]> {
  const { rows } = await sql<OpenCommand>`
    update agent_commands
    set delivered_at = ${now}
    where org_id = ${organizationId}
      and instance = ${instance}
      and answered_at is null
      and created_at > ${now}::timestamptz - interval '1 hour'
      and (delivered_at is null or delivered_at < ${now}::timestamptz - interval '5 minutes')
      and id in (
        select id
        from agent_commands
        where org_id = ${organizationId} and instance = ${instance} and answered_at is null
        order by created_at, id
        limit 20
      )
    returning id, type, provider_id
  `.execute(transaction);
  return rows.sort((a, b) => (a.id < b.id ? -1 : 1));
}
