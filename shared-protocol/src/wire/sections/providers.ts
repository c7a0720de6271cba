import { z } from 'zod';
import { idSchema } from '../../ids.ts';
import { restrictionsSchema } from '../restrictions.ts';
import { credentialReferenceSchema } from './credential-reference.ts';

const milliseconds = z.int().min(1).max(86_400_000);

/** Time limits of one attempt, in milliseconds; an absent one takes the agent's default. */
export const timeLimitsSchema = z.object({
  /** Until a connection stands. */
  connect_ms: milliseconds.optional(),
  /** From the request sent until the first byte of the answer. */
  first_byte_ms: milliseconds.optional(),
  /** Between two pieces of the answer. */
  idle_ms: milliseconds.optional(),
  /** The whole attempt. */
  total_ms: milliseconds.optional(),
});
export type TimeLimits = z.infer<typeof timeLimitsSchema>;

/** The provider kinds of this version. A kind that the agent does not know makes the provider unusable, not the snapshot. */
export const PROVIDER_KINDS = [
  'openai',
  'openai-compatible',
  'azure-openai',
  'bedrock',
  'vertex',
  'gemini',
  'anthropic',
  'cohere',
] as const;
export type ProviderKindName = (typeof PROVIDER_KINDS)[number];

/** A configured account at a model provider. */
export const providerSchema = z.object({
  id: idSchema,
  name: z.string().min(1).max(200),
  kind: z.string().min(1).max(60),
  /** Where its API begins, `https://api.openai.com/v1`. */
  base_url: z.url({ protocol: /^https?$/ }).max(2_000),
  /** `us-east-1`, `europe-west4`, `global`; what signatures and paths are made with. */
  region: z.string().max(60).optional(),
  /** Of `openai-compatible`: which server it is, by its name in the table of presets; says what that one does not take. */
  preset: z.string().min(1).max(60).optional(),
  /** Of `azure-openai`: the `api-version` for paths that need one. */
  api_version: z
    .string()
    .regex(/^[a-zA-Z0-9._-]{1,60}$/)
    .optional(),
  /** Of `vertex`: the Google Cloud project. */
  project: z
    .string()
    .regex(/^[a-z0-9.:-]{1,120}$/)
    .optional(),
  credential: credentialReferenceSchema,
  /** The header that the credential goes into; `authorization` (as a bearer token) where absent. */
  credential_header: z
    .string()
    .regex(/^[a-z0-9-]{1,60}$/)
    .optional(),
  /** Overrides the agent's own proxy settings: a proxy's URL, or `direct` for none. */
  proxy: z.union([z.literal('direct'), z.url({ protocol: /^https?$/ }).max(2_000)]).optional(),
  /** Certificates in PEM that are trusted for this provider besides the usual ones. */
  ca: z.string().max(200_000).optional(),
  time_limits: timeLimitsSchema.optional(),
  /** Tries at this provider beyond the first for an error that may pass; the agent's default where absent. */
  retries: z.int().min(0).max(5).optional(),
  /** Whether it takes `stream_options.include_usage`; true where absent. */
  stream_options: z.boolean().optional(),
  restrictions: restrictionsSchema,
});
export type Provider = z.infer<typeof providerSchema>;

/** Section `providers`. */
export const providersSectionSchema = z.object({ providers: z.array(providerSchema).max(1_000) });
export type ProvidersSection = z.infer<typeof providersSectionSchema>;
