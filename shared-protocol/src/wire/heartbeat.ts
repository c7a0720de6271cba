import { z } from 'zod';
import { idSchema } from '../ids.ts';
import { PROTOCOL_ERROR_CODES } from '../protocol-error.ts';
import { timestampSchema } from '../time.ts';
import { configVersionSchema } from './manifest.ts';

/** Why a configuration was refused. The last good one is being served. */
export const rejectionSchema = configVersionSchema.partial().extend({
  code: z.enum(PROTOCOL_ERROR_CODES),
  section: z.string().max(100).optional(),
  path: z.string().max(500).optional(),
  at: timestampSchema,
});
export type Rejection = z.infer<typeof rejectionSchema>;

/** What the control plane may ask of an agent. A closed union; an agent answers `unsupported` to one it does not know. */
const knownCommandSchema = z.discriminatedUnion('type', [
  /** Call the provider's model list with its credential and say whether that worked. */
  z.object({ id: idSchema, type: z.literal('validate_provider'), provider_id: idSchema }),
  /** Send the provider's model list as a `models_discovered` record. */
  z.object({ id: idSchema, type: z.literal('discover_models'), provider_id: idSchema }),
  /** Send a full heartbeat and everything that the spool holds, now. */
  z.object({ id: idSchema, type: z.literal('report_all') }),
]);
const KNOWN_COMMANDS = new Set(knownCommandSchema.options.map((option) => option.shape.type.value as string));
const unknownCommandSchema = z
  .object({
    id: idSchema,
    type: z
      .string()
      .max(100)
      .refine((type) => !KNOWN_COMMANDS.has(type)),
  })
  .transform(({ id }) => ({ id, type: 'unknown' as const }));
export const commandSchema = z.union([knownCommandSchema, unknownCommandSchema]);
export type Command = z.infer<typeof commandSchema>;

/**
 * What exactly stands between the agent and a provider, for `validate_provider` and `discover_models`.
 *
 * `not_configured`: the credential's configuration lacks something, or names what is not there. `malformed`: a secret or an
 * answer is not in its form. `refused`: the identity or the key is not accepted. `expired`: it was good once.
 * `permission_missing`: it may not do this; `permission` says what. `wrong_region`: the region is not switched on for the
 * account, or is not one. `unreachable`: no answer. `host_not_allowed`: the agent's own identity may not be sent there.
 * `model_list_refused`: the credential is there, and the provider does not give its list of models.
 */
export const VALIDATION_REASONS = [
  'not_configured',
  'malformed',
  'refused',
  'expired',
  'permission_missing',
  'wrong_region',
  'unreachable',
  'host_not_allowed',
  'model_list_refused',
] as const;
export type ValidationReason = (typeof VALIDATION_REASONS)[number];

/** What a list of models asks of whoever calls, in the provider's own words. */
export const LIST_PERMISSIONS = [
  'sts:AssumeRole',
  'bedrock:ListFoundationModels',
  'bedrock:ListInferenceProfiles',
  'api.model.read',
  'Cognitive Services OpenAI User',
  'roles/aiplatform.user',
] as const;
export type ListPermission = (typeof LIST_PERMISSIONS)[number];

/** How a command went. */
export const commandAnswerSchema = z.object({
  id: idSchema,
  result: z.enum(['done', 'failed', 'unsupported']),
  error_code: z
    .enum([
      'provider_unknown',
      'credential_unavailable',
      'authentication_failed',
      'provider_unreachable',
      'provider_error',
    ])
    .optional(),
  /** Says more than `error_code`; since version 2, and ignored by version 1. */
  reason: z.enum(VALIDATION_REASONS).optional(),
  permission: z.enum(LIST_PERMISSIONS).optional(),
});
export type CommandAnswer = z.infer<typeof commandAnswerSchema>;

const count = z.int().min(0);

/** `POST /api/agent/heartbeat`, every 60 s and whenever something changes. The instance is named by its header. */
export const heartbeatRequestSchema = z.object({
  agent_version: z.string().regex(/^[0-9A-Za-z.+-]{1,60}$/),
  started_at: timestampSchema,
  /** The newest protocol version that the agent understands. */
  protocol: z.int().min(1),
  applied: configVersionSchema.nullable(),
  rejected: rejectionSchema.nullable(),
  spool: z.object({
    bytes: count,
    /** Records that were not acknowledged yet. */
    records: count,
    oldest_at: timestampSchema.nullable(),
    /** Records whose detail was collapsed into totals since the start. */
    collapsed: count,
  }),
  requests: z.object({ total: count, errors: count, in_flight: count }),
  /** Attempts since the start, by provider. */
  providers: z.array(z.object({ provider_id: idSchema, attempts: count, errors: count })).max(1_000),
  answers: z.array(commandAnswerSchema).max(100),
});
export type HeartbeatRequest = z.infer<typeof heartbeatRequestSchema>;

/** The answer to a heartbeat. */
export const heartbeatAnswerSchema = z.object({
  notices: z
    .array(
      z.object({
        code: z.enum(['agent_outdated', 'protocol_outdated', 'clock_skewed', 'token_expiring', 'other']),
        /** A sentence for the operator. */
        message: z.string().max(1_000),
      }),
    )
    .max(20),
  /** The token that replaces the one used. Store it, use it once successfully, then forget the old one. */
  successor: z.object({ token: z.string().max(300), generation: z.int().min(1) }).nullable(),
  commands: z.array(commandSchema).max(100),
});
export type HeartbeatAnswer = z.infer<typeof heartbeatAnswerSchema>;
