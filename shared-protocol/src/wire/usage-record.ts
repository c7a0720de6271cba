import { z } from 'zod';
import { idSchema } from '../ids.ts';
import { UNPRICED_REVISION } from '../price.ts';
import { timestampSchema } from '../time.ts';
import { addTokens, tokenCountsSchema, USAGE_CLASSES } from '../tokens.ts';
import { configVersionSchema } from './manifest.ts';

/** What clients may speak to the agent. */
export const SURFACES = [
  'openai-chat',
  'openai-completions',
  'openai-embeddings',
  'openai-models',
  'openai-responses',
  'anthropic-messages',
  'anthropic-count-tokens',
  'openai-images',
  'openai-transcriptions',
  'openai-speech',
  'openai-moderations',
  'rerank',
  'bedrock-converse',
  'bedrock-invoke',
  'gemini-content',
  'vertex-predict',
  'other',
] as const;
export type SurfaceName = (typeof SURFACES)[number];

/** How a request or an attempt ended. `unknown`: the process died before it saw the end. */
export const OUTCOMES = ['success', 'error', 'cancelled', 'unknown'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** Why a request or an attempt failed; an enumeration, since a provider's own words may hold content. */
export const USAGE_ERROR_CODES = [
  'invalid_request',
  'authentication_failed',
  'permission_denied',
  'model_not_found',
  'request_too_large',
  'rate_limited',
  'quota_exhausted',
  'content_filtered',
  'provider_error',
  'provider_overloaded',
  'provider_unreachable',
  'provider_answer_malformed',
  'credential_unavailable',
  'connect_timeout',
  'first_byte_timeout',
  'idle_timeout',
  'total_timeout',
  'stream_interrupted',
  'client_closed',
  'gateway_overloaded',
  'gateway_stopping',
  'gateway_error',
  'other',
] as const;
export type UsageErrorCode = (typeof USAGE_ERROR_CODES)[number];

const nanos = z.int().min(0);
const milliseconds = z.int().min(0).max(2_000_000_000);

/** One call to a provider inside a request. */
export const attemptSchema = z.object({
  provider_id: idSchema,
  deployment_id: idSchema,
  /** The HTTP status of the provider's answer; null when none came. */
  status: z.int().min(100).max(999).nullable(),
  outcome: z.enum(OUTCOMES),
  error_code: z.enum(USAGE_ERROR_CODES).nullable(),
  tokens: tokenCountsSchema,
  /** `exact`: the provider's own figures. `estimated`: the agent's. `unknown`: the end was not seen. */
  quality: z.enum(['exact', 'estimated', 'unknown']),
  cost_nanos: nanos,
  /** The `revision` of the figures that `cost_nanos` was computed with; `unpriced` where the cost is unknown. */
  price_revision: z.string().max(64),
  latency_ms: milliseconds,
});
export type Attempt = z.infer<typeof attemptSchema>;

/**
 * Whether an attempt used something that has no known price. It is billed with 0, which is not what it costs. An attempt that
 * used nothing costs nothing, whatever the price; where nobody counted, only one that failed has used nothing.
 */
export function hasUnknownCost({ price_revision, quality, outcome, tokens }: Attempt): boolean {
  if (price_revision !== UNPRICED_REVISION) return false;
  if (quality === 'unknown' || (quality === 'estimated' && outcome !== 'error')) return true;
  return Object.values(tokens).some((used) => used > 0);
}

/** The numbers of one request. Ids, enumerations and numbers only: no text that a client or a provider wrote. */
export const usageRecordSchema = z
  .object({
    kind: z.literal('usage'),
    /** The record's own id; the same in every delivery of it. */
    id: idSchema,
    /** What the client saw as `x-request-id`. */
    request_id: idSchema,
    /** When the request arrived, by the agent's clock. Never rewritten. */
    occurred_at: timestampSchema,
    /** Who called; null when nobody was authenticated. */
    key_id: idSchema.nullable(),
    team_id: idSchema.nullable(),
    /** The route that was used, whether asked for by name or bound to the key. */
    route_id: idSchema.nullable(),
    /** The deployment or route whose name was asked for; null when the snapshot knows no such name (`unrecognized`). */
    requested_id: idSchema.nullable(),
    /** The deployment that gave the answer; null when none did. */
    deployment_id: idSchema.nullable(),
    surface: z.enum(SURFACES),
    stream: z.boolean(),
    /** The HTTP status that the client saw; null when it saw none. */
    status: z.int().min(100).max(999).nullable(),
    outcome: z.enum(OUTCOMES),
    error_code: z.enum(USAGE_ERROR_CODES).nullable(),
    attempts: z.array(attemptSchema).max(200),
    /** Sums over the attempts. */
    tokens: tokenCountsSchema,
    cost_nanos: nanos,
    latency_ms: milliseconds,
    /** Until the first model event could be seen by the client; null when there was none. */
    time_to_first_token_ms: milliseconds.nullable(),
    cache: z.enum(['none', 'hit', 'miss']),
    /** The configuration that the request was served with. */
    config: configVersionSchema,
    source: z.enum(['vpc_agent', 'shared_gateway']),
  })
  .superRefine((record, context) => {
    const cost = record.attempts.reduce((total, attempt) => total + attempt.cost_nanos, 0);
    if (cost !== record.cost_nanos) {
      context.addIssue({ code: 'custom', path: ['cost_nanos'], message: 'is not the sum over the attempts' });
    }
    const tokens = addTokens(...record.attempts.map((attempt) => attempt.tokens));
    for (const name of USAGE_CLASSES) {
      if ((tokens[name] ?? 0) !== (record.tokens[name] ?? 0)) {
        context.addIssue({
          code: 'custom',
          path: ['tokens', name],
          message: 'is not the sum over the attempts',
        });
      }
    }
  });
export type UsageRecord = z.infer<typeof usageRecordSchema>;
