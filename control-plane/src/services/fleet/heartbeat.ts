import {
  type Command,
  type HeartbeatAnswer,
  type HeartbeatRequest,
  PROTOCOL_VERSION,
  sha256,
} from '@bonito/protocol';
import { type Database, tenantTransaction } from '../../db/transactions.ts';
import { deriveAgentToken } from '../../signing/derive-token-secret.ts';
import type { ServerKeys } from '../../signing/server-keys.ts';
import type { AgentIdentity } from './authenticate-agent.ts';
import {
  type OpenCommand,
  storeAnswers,
  storeHeartbeat,
  takeCommands,
  touchToken,
} from './heartbeat.queries.ts';

/** How far an agent's clock may be ahead before it is told, in milliseconds. */
const TOLERATED_SKEW = 60_000;

/** Takes a heartbeat in and says what the agent should know and do. */
export async function heartbeat(
  context: { database: Database; keys: ServerKeys; now: number },
  agent: AgentIdentity,
  instance: string,
  beat: HeartbeatRequest,
): Promise<HeartbeatAnswer> {
  const now = new Date(context.now);
  return tenantTransaction(context.database, agent.organizationId, async (transaction) => {
    await storeHeartbeat(transaction, agent, instance, beat, now);
    const token = await touchToken(transaction, agent, now);
    await storeAnswers(transaction, agent.organizationId, instance, beat.answers, now);
    const commands = await takeCommands(transaction, agent.organizationId, instance, now);
    return {
      notices: notices(beat, context.now),
      successor: successor(context.keys, agent, token?.sha256),
      commands: commands.flatMap(toCommand),
    };
  });
}

/** Offered for as long as the agent shows the older generation. */
function successor(
  keys: ServerKeys,
  agent: AgentIdentity,
  newestHash: string | undefined,
): HeartbeatAnswer['successor'] {
  if (agent.generation >= agent.newestGeneration) return null;
  const token = deriveAgentToken(keys, agent.organizationId, agent.tokenId, agent.newestGeneration);
  // Another token key than the one that it was rotated with would give a token that nobody accepts.
  return sha256(token) === newestHash ? { token, generation: agent.newestGeneration } : null;
}

function notices(beat: HeartbeatRequest, now: number): HeartbeatAnswer['notices'] {
  const result: HeartbeatAnswer['notices'] = [];
  if (beat.protocol < PROTOCOL_VERSION) {
    result.push({
      code: 'protocol_outdated',
      message: `this agent speaks protocol ${beat.protocol}, the control plane ${PROTOCOL_VERSION}: upgrade the agent`,
    });
  }
  if (Date.parse(beat.started_at) > now + TOLERATED_SKEW) {
    result.push({
      code: 'clock_skewed',
      message: 'this agent says that it started in the future: set its clock by NTP',
    });
  }
  return result;
}

function toCommand({ id, type, provider_id }: OpenCommand): Command[] {
  if (type === 'report_all') return [{ id, type }];
  return provider_id ? [{ id, type, provider_id }] : [];
}
