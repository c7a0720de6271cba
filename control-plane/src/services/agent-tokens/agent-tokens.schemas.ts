import { z } from 'zod';
import { displayNameSchema } from '../lists/fields.ts';

export const createAgentTokenSchema = z
  .strictObject({ name: displayNameSchema })
  .meta({ id: 'CreateAgentToken' });
export const updateAgentTokenSchema = z
  .strictObject({ name: displayNameSchema })
  .meta({ id: 'UpdateAgentToken' });

export const agentTokenResourceSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    generation: z.number().meta({ description: 'Counts up with each rotation' }),
    has_previous: z.boolean().meta({ description: 'Whether the generation before is still accepted' }),
    created_at: z.iso.datetime(),
    last_used_at: z.iso.datetime().nullable(),
    previous_last_used_at: z.iso.datetime().nullable(),
    revoked_at: z.iso.datetime().nullable(),
  })
  .meta({ id: 'AgentToken' });
export type AgentTokenResource = z.infer<typeof agentTokenResourceSchema>;

export const agentTokenWithSecretSchema = agentTokenResourceSchema
  .extend({ token: z.string().meta({ description: 'The token. It is shown this once' }) })
  .meta({ id: 'AgentTokenWithSecret' });
export type AgentTokenWithSecret = z.infer<typeof agentTokenWithSecretSchema>;
