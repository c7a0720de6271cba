import type { ServiceContext } from '../service-context.ts';
import { changeAgentToken } from './change-agent-token.ts';

/** Revokes a token, every generation of it, now. Agents go on with their stored configuration and learn nothing new. */
export async function deleteAgentToken(context: ServiceContext, id: string): Promise<void> {
  await changeAgentToken(context, id, 'revoked', (_, now) => ({ revoked_at: now, previous_sha256: null }));
}
