import {
  CAPABILITIES,
  configurableCredentialSchema,
  deploymentSchema,
  FOREIGN_STATE,
  modelNameSchema,
  PROVIDER_KINDS,
  parseUsd,
  providerSchema,
  timeLimitsSchema,
  USAGE_CLASSES,
} from '@bonito/protocol';
import { z } from 'zod';

const name = z.string().min(1).max(200);
const modelName = z.string().refine((text) => modelNameSchema.safeParse(text).success, {
  error: 'must begin with a letter or a digit and may hold letters, digits and . _ : / @ + - (200 at most)',
});
const address = (example: string) =>
  z.url({ protocol: /^https?$/, error: `must be an http or https address such as ${example}` }).max(2_000);

/** USD for a million tokens, `"0.15"` or `0.15`; read into nano-USD. */
const usd = z.union([z.string(), z.number()]).transform((amount, context) => {
  try {
    // A number in a file is a decimal that someone typed: nine decimals give it back.
    return parseUsd(typeof amount === 'string' ? amount : trimZeros(amount.toFixed(9)));
  } catch {
    context.addIssue({
      code: 'custom',
      message: 'must be an amount of USD such as "0.15", with at most nine decimals',
    });
    return z.NEVER;
  }
});

function trimZeros(decimal: string): string {
  return decimal.replace(/\.?0+$/, '') || '0';
}

/** `2027-01-01` (its first moment, UTC) or a time such as `2027-01-01T08:00:00+01:00`; read into milliseconds since 1970. */
const moment = z
  .union([z.iso.date(), z.iso.datetime({ offset: true })], {
    error: 'must be a date such as 2027-01-01, or a time with its offset such as 2027-01-01T08:00:00Z',
  })
  .transform((text) => Date.parse(text));

const providerEntry = z.strictObject({
  name,
  kind: z.enum(PROVIDER_KINDS),
  base_url: address('https://api.openai.com/v1'),
  region: providerSchema.shape.region,
  preset: providerSchema.shape.preset,
  api_version: providerSchema.shape.api_version,
  project: providerSchema.shape.project,
  credential: configurableCredentialSchema,
  credential_header: providerSchema.shape.credential_header,
  proxy: z.union([z.literal('direct'), address('http://proxy.example:3128')]).optional(),
  /** PEM file beside the configuration file, or with its whole path; read when the configuration is. */
  ca_file: z.string().min(1).optional(),
  time_limits: timeLimitsSchema.strict().optional(),
  retries: providerSchema.shape.retries,
  stream_options: providerSchema.shape.stream_options,
});

const modelEntry = z.strictObject({
  name: modelName,
  provider: name,
  /** What the provider calls it; the same name where absent. */
  upstream_model: z.string().min(1).max(500).optional(),
  family: z.string().min(1).max(60).optional(),
  wire: deploymentSchema.shape.wire,
  capabilities: z.array(z.enum(CAPABILITIES)).max(50).optional(),
  processing_boundary: z.string().max(60).optional(),
  /** USD for a million tokens by class; without it the model costs nothing. */
  price: z.partialRecord(z.enum(USAGE_CLASSES), usd).optional(),
});

const routeEntry = z.strictObject({
  name: modelName,
  strategy: z.literal('failover').optional(),
  targets: z.array(z.string()).min(1).max(32),
  strict: z.boolean().optional(),
  foreign_state: z.enum(FOREIGN_STATE).optional(),
});

const keyEntry = z
  .strictObject({
    name,
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in lower-case hexadecimal')
      .optional(),
    secret_environment: z
      .string()
      .regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, 'must be the name of a variable')
      .optional(),
    secret: z
      .string()
      .regex(/^\S{8,500}$/, 'must have 8 to 500 characters and no space')
      .optional(),
    models: z.array(modelName).max(10_000).optional(),
    expires: moment.optional(),
    route: z.string().optional(),
  })
  .refine(
    (key) => [key.sha256, key.secret_environment, key.secret].filter((way) => way !== undefined).length === 1,
    {
      error: 'must have one of sha256, secret_environment and secret',
    },
  );

/**
 * The configuration as a person writes it, without the settings of the process. Every field that is not listed is a mistake,
 * so that a misspelled limit is not taken for none. Things refer to each other by name.
 */
export const bonitoFileSchema = z.strictObject({
  providers: z.array(providerEntry).max(1_000),
  models: z.array(modelEntry).max(10_000),
  routes: z.array(routeEntry).max(10_000).default([]),
  keys: z.array(keyEntry).max(100_000),
});
export type BonitoFile = z.infer<typeof bonitoFileSchema>;
