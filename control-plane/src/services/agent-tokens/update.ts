import type { z } from 'zod';
import type { ServiceContext } from '../service-context.ts';
import type { AgentTokenResource, updateAgentTokenSchema } from './agent-tokens.schemas.ts';
import { changeAgentToken } from './change-agent-token.ts';

export function updateAgentToken(
  context: ServiceContext,
  id: string,
  input: z.output<typeof updateAgentTokenSchema>,
): Promise<AgentTokenResource> {
  return changeAgentToken(context, id, 'updated', () => input);
}
