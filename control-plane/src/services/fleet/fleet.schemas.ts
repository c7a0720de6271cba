import { heartbeatRequestSchema, idSchema, rejectionSchema, timestampSchema } from '@bonito/protocol';
import { z } from 'zod';

/** `online` within two minutes of the last heartbeat, `delayed` within five, `offline` after that. */
export const AGENT_STATUSES = ['online', 'delayed', 'offline'] as const;
export type AgentStatus = (typeof AGENT_STATUSES)[number];

/** One agent process as the fleet list shows it. */
export const agentSchema = z.object({
  instance: idSchema,
  status: z.enum(AGENT_STATUSES),
  version: z.string(),
  protocol: z.int(),
  token_id: idSchema,
  token_generation: z.int(),
  started_at: timestampSchema,
  first_seen_at: timestampSchema,
  last_heartbeat_at: timestampSchema,
  /** The configuration that it serves; null when it has none. */
  applied: z.object({ epoch: z.int(), revision: z.int() }).nullable(),
  /** Why it refused a newer configuration; null when it did not. */
  rejected: rejectionSchema.nullable(),
  spool: heartbeatRequestSchema.shape.spool,
  requests: heartbeatRequestSchema.shape.requests,
  providers: heartbeatRequestSchema.shape.providers,
});
export type AgentView = z.infer<typeof agentSchema>;

/** What may be asked of one agent process. */
export const newCommandSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('validate_provider'), provider_id: idSchema }),
  z.strictObject({ type: z.literal('discover_models'), provider_id: idSchema }),
  z.strictObject({ type: z.literal('report_all') }),
]);
export type NewCommand = z.infer<typeof newCommandSchema>;

export const commandViewSchema = z.object({
  id: idSchema,
  instance: idSchema,
  type: z.enum(['validate_provider', 'discover_models', 'report_all']),
  provider_id: idSchema.nullable(),
  created_at: timestampSchema,
  delivered_at: timestampSchema.nullable(),
  answered_at: timestampSchema.nullable(),
  result: z.enum(['done', 'failed', 'unsupported']).nullable(),
  error_code: z.string().nullable(),
  /** What exactly stands between the agent and the provider; null where nothing does, or an older agent cannot say. */
  reason: z.string().nullable(),
  permission: z.string().nullable(),
  /** What `discover_models` brought, once the agent's record has arrived. */
  models: z.array(z.string()).nullable(),
});
export type CommandView = z.infer<typeof commandViewSchema>;
