import { sha256 } from '@bonito/protocol';
import type { ServiceContext } from '../service-context.ts';
import type { AgentTokenWithSecret } from './agent-tokens.schemas.ts';
import { changeAgentToken } from './change-agent-token.ts';

/**
 * Moves a token to its next generation and answers it, this once. Agents that run learn of it in a heartbeat answer; the
 * generation before stays good while they still use it, and the one before that ends now.
 */
export async function rotateAgentToken(context: ServiceContext, id: string): Promise<AgentTokenWithSecret> {
  let token = '';
  const after = await changeAgentToken(context, id, 'rotated', (before, now) => {
    token = context.issueAgentToken(context.organizationId, id, before.generation + 1);
    return {
      generation: before.generation + 1,
      sha256: sha256(token),
      previous_sha256: before.sha256,
      previous_last_used_at: now,
    };
  });
  return { ...after, token };
}
