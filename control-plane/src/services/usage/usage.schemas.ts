import { idSchema, OUTCOMES, SURFACES, TOKEN_CLASSES, UNIT_CLASSES } from '@bonito/protocol';
import { z } from 'zod';
import { pageQuerySchema } from '../lists/page.ts';

/** What usage may be broken down by. */
export const GROUPINGS = ['day', 'model', 'key', 'provider'] as const;
export type Grouping = (typeof GROUPINGS)[number];

/** A day, `2026-11-21` (its first moment in UTC), or a moment, `2026-11-21T08:00:00Z`. */
export const momentSchema = z
  .union([z.iso.date(), z.iso.datetime()], {
    error: 'a day in UTC (2026-11-21) or a moment in UTC (2026-11-21T08:00:00Z) is meant',
  })
  .refine((text) => /^(19[7-9]|2)/.test(text), 'a year from 1970 to 2999 is meant')
  .meta({ description: 'A day in UTC (`2026-11-21`) or a moment (`2026-11-21T08:00:00Z`)' });

export const usageQuerySchema = z.strictObject({
  group_by: z
    .string()
    .default('day')
    .transform((text) => text.split(',').map((part) => part.trim()))
    .pipe(
      z
        .array(z.enum(GROUPINGS))
        .min(1)
        .refine((names) => new Set(names).size === names.length, 'each at most once'),
    )
    .meta({ description: 'One or more of `day`, `model`, `key`, `provider`, with commas between them' }),
  from: momentSchema.optional().meta({ description: 'From this hour on; 30 days before `to` where absent' }),
  to: momentSchema.optional().meta({ description: 'Up to but without this hour; now where absent' }),
  key_id: idSchema.optional(),
  limit: z.coerce.number().int().min(1).max(5_000).default(1_000),
  cursor: z.string().max(2_000).optional(),
});
export type UsageQuery = z.output<typeof usageQuerySchema>;

const count = z.number().int().min(0);

export const usageCountsSchema = z.object({
  requests: count,
  errors: count.meta({ description: 'Requests that failed' }),
  cancelled: count.meta({ description: 'Requests whose client hung up' }),
  unknown: count.meta({ description: 'Requests whose end was not seen' }),
  attempts: count.meta({ description: 'Calls to providers, retries included' }),
  input_tokens: count,
  output_tokens: count,
  tokens: z.object(Object.fromEntries(TOKEN_CLASSES.map((name) => [name, count]))).meta({
    description: 'Tokens by class. The classes are disjoint',
  }),
  units: z.object(Object.fromEntries(UNIT_CLASSES.map((name) => [name, count]))).meta({
    description: 'What is billed without being tokens, by class',
  }),
  unpriced_attempts: count.meta({
    description: 'Calls that used something at a price nobody knows; their cost is not in `cost_nanos`',
  }),
  cost_nanos: count
    .nullable()
    .meta({ description: 'Of requests: nano-USD, as far as it is known; null where none of it is' }),
  capacity_cost_nanos: count.meta({
    description:
      'Of deployments that are paid by the hour (`price_per_hour`): nano-USD for the time that they existed, used or not, until now. Not a part of `cost_nanos`; with `key_id` it is zero, since it belongs to no key',
  }),
  latency_ms: count.meta({ description: 'Sum over the requests' }),
});
export type UsageCounts = z.infer<typeof usageCountsSchema>;

export const usageRowSchema = usageCountsSchema.extend({
  day: z.iso.date().optional().meta({ description: 'With `group_by=day`: the day in UTC' }),
  model: z.string().nullable().optional().meta({ description: 'The model that was used; null for none' }),
  key_id: z.string().nullable().optional(),
  key: z.string().nullable().optional().meta({ description: 'The key’s name' }),
  provider_id: z.string().nullable().optional(),
  provider: z.string().nullable().optional().meta({ description: 'The provider’s name' }),
});
export type UsageRow = z.infer<typeof usageRowSchema>;

export const usageAnswerSchema = z.object({
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  data: z.array(usageRowSchema),
  totals: usageCountsSchema.meta({ description: 'Over the whole time, whatever page this is' }),
  next_cursor: z.string().nullable(),
});
export type UsageAnswer = z.infer<typeof usageAnswerSchema>;

/** How a request is shown to have ended. One whose end was not seen is an `error` with the code `unknown`. */
export const LOG_STATUSES = ['success', 'error', 'cancelled'] as const;

export const logsQuerySchema = pageQuerySchema.extend({
  status: z.enum(LOG_STATUSES).optional(),
  model: z.string().max(200).optional().meta({ description: 'A name, asked for or used' }),
  provider: z.string().max(200).optional().meta({ description: 'A provider’s name or id' }),
  key_id: idSchema.optional(),
  request_id: idSchema.optional().meta({ description: 'What the client saw as `x-request-id`' }),
  from: momentSchema.optional(),
  to: momentSchema.optional(),
});
export type LogsQuery = z.output<typeof logsQuerySchema>;

const nullableText = z.string().nullable();

export const logRowSchema = z.object({
  id: z.string(),
  request_id: z.string(),
  occurred_at: z.iso.datetime(),
  status: z.enum(LOG_STATUSES),
  error_code: nullableText.meta({ description: '`unknown` where the end of the request was not seen' }),
  http_status: z.number().nullable().meta({ description: 'What the client saw' }),
  key_id: nullableText,
  key: nullableText.meta({ description: 'The key’s name' }),
  model_requested: z.string().meta({ description: '`unrecognized` where no configured name was asked for' }),
  model_used: nullableText,
  route: nullableText,
  provider: nullableText.meta({ description: 'The provider’s name' }),
  provider_id: nullableText,
  surface: z.enum(SURFACES),
  stream: z.boolean(),
  input_tokens: count,
  output_tokens: count,
  cost_nanos: count.nullable().meta({ description: 'Null where the price of any of its calls is not known' }),
  latency_ms: count,
  time_to_first_token_ms: count.nullable(),
  attempts: count.meta({ description: 'How many calls to providers it took' }),
  attempts_detail: z.array(
    z.object({
      provider: nullableText,
      model: nullableText,
      outcome: z.enum(OUTCOMES),
      http_status: z.number().nullable(),
      error_code: nullableText,
      input_tokens: count,
      output_tokens: count,
      units: z
        .partialRecord(z.enum(UNIT_CLASSES), count)
        .meta({ description: 'What was used without being tokens' }),
      quality: z.string(),
      cost_nanos: count.nullable().meta({ description: 'Null where the price is not known' }),
      price_revision: z.string(),
      latency_ms: count,
    }),
  ),
  cache: z.string(),
  config: z.object({ epoch: z.number(), revision: z.number() }),
  source: z.string(),
});
export type LogRow = z.infer<typeof logRowSchema>;
