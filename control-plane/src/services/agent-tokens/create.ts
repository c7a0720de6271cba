import { newId, sha256 } from '@bonito/protocol';
import type { z } from 'zod';
import type { ServiceContext } from '../service-context.ts';
import { write } from '../write.ts';
import { insertAgentToken } from './agent-tokens.queries.ts';
import type { AgentTokenWithSecret, createAgentTokenSchema } from './agent-tokens.schemas.ts';
import { presentAgentToken } from './present-agent-token.ts';

/** Makes a `bt-` token and answers it, this once. */
export function createAgentToken(
  context: ServiceContext,
  input: z.output<typeof createAgentTokenSchema>,
): Promise<AgentTokenWithSecret> {
  const { organizationId } = context;
  const id = newId(context.clock.now());
  const token = context.issueAgentToken(organizationId, id, 1);
  return write(context, async (transaction) => {
    const row = await insertAgentToken(transaction, {
      org_id: organizationId,
      id,
      name: input.name,
      generation: 1,
      sha256: sha256(token),
      created_at: new Date(context.clock.now()),
    });
    const after = presentAgentToken(row);
    return {
      result: { ...after, token },
      change: { object: 'agent_token', id, did: 'created', before: undefined, after },
      dirty: [],
    };
  });
}
