import type { ServiceContext } from '../service-context.ts';
import type { AgentTokenResource } from './agent-tokens.schemas.ts';
import { changeAgentToken } from './change-agent-token.ts';

/** Ends the generation before the current one, now, whoever still uses it. */
export function revokePreviousAgentToken(context: ServiceContext, id: string): Promise<AgentTokenResource> {
  return changeAgentToken(context, id, 'previous_revoked', () => ({
    previous_sha256: null,
    previous_last_used_at: null,
  }));
}
