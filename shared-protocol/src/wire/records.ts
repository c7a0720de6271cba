import { z } from 'zod';
import { idSchema, modelNameSchema } from '../ids.ts';
import { timestampSchema } from '../time.ts';
import { tokenCountsSchema } from '../tokens.ts';
import { usageRecordSchema } from './usage-record.ts';

/**
 * Totals of requests whose detail was dropped because the agent's disk limit was reached: the money is kept, hour by hour,
 * for each combination of key, route, name asked for, provider and deployment.
 */
export const usageRollupRecordSchema = z.object({
  kind: z.literal('usage_rollup'),
  id: idSchema,
  /** The hour that the requests arrived in: its first millisecond. */
  hour: timestampSchema,
  key_id: idSchema.nullable(),
  team_id: idSchema.nullable(),
  route_id: idSchema.nullable(),
  requested_id: idSchema.nullable(),
  /** Null for requests that reached no provider. */
  provider_id: idSchema.nullable(),
  deployment_id: idSchema.nullable(),
  requests: z.int().min(0),
  attempts: z.int().min(0),
  /** Those of them whose cost is unknown; absent: none, or an agent that does not say. */
  unpriced_attempts: z.int().min(0).optional(),
  errors: z.int().min(0),
  cancelled: z.int().min(0),
  unknown: z.int().min(0),
  tokens: tokenCountsSchema,
  cost_nanos: z.int().min(0),
  /** Sum over the requests, so that means stay computable. */
  latency_ms: z.int().min(0),
});
export type UsageRollupRecord = z.infer<typeof usageRollupRecordSchema>;

/** What happened at an agent that an auditor wants to see. */
export const auditRecordSchema = z.object({
  kind: z.literal('audit'),
  id: idSchema,
  occurred_at: timestampSchema,
  action: z.enum([
    'started',
    'stopped',
    'stream_adopted',
    'token_rotated',
    'spool_collapsed',
    'records_lost',
  ]),
  /** How many things the action touched, where it counts any. */
  count: z.int().min(0).nullable(),
});
export type AuditRecord = z.infer<typeof auditRecordSchema>;

/** The models that a provider lists, as the answer to a `discover_models` command. */
export const modelsDiscoveredRecordSchema = z.object({
  kind: z.literal('models_discovered'),
  id: idSchema,
  occurred_at: timestampSchema,
  provider_id: idSchema,
  models: z.array(modelNameSchema).max(5_000),
});
export type ModelsDiscoveredRecord = z.infer<typeof modelsDiscoveredRecordSchema>;

/** Everything that an agent may send up. */
export const recordSchema = z.union([
  usageRecordSchema,
  usageRollupRecordSchema,
  auditRecordSchema,
  modelsDiscoveredRecordSchema,
]);
export type AgentRecord = z.infer<typeof recordSchema>;
