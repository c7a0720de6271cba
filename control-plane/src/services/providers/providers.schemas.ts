import {
  configurableCredentialSchema,
  PROVIDER_KINDS,
  PROVIDER_PRESETS,
  timeLimitsSchema,
} from '@bonito/protocol';
import { z } from 'zod';
import { displayNameSchema, timesShape } from '../lists/fields.ts';
import { isCertificateBundle } from './certificate-bundle.ts';

/** An address without a user, a password, a query or a fragment: what is secret has no place in configuration. */
const plainUrlSchema = z
  .url({ protocol: /^https?$/, error: 'an address that begins with https:// or http://' })
  .max(2_000)
  .refine((text) => {
    const url = URL.parse(text);
    return url !== null && url.username === '' && url.password === '' && !/[?#]/.test(text);
  }, 'no user, password, query or fragment in the address: credentials are named under "credential"');

const credentialSchema = configurableCredentialSchema.meta({
  id: 'CredentialReference',
  description:
    'Where the agent finds the credential. The credential itself never passes through the control plane.',
});

const fields = {
  name: displayNameSchema,
  kind: z.enum(PROVIDER_KINDS),
  base_url: plainUrlSchema.meta({ example: 'https://api.openai.com/v1' }),
  region: z.string().min(1).max(60).nullable(),
  preset: z
    .enum(PROVIDER_PRESETS.map(({ name }) => name))
    .nullable()
    .meta({ description: 'Of `openai-compatible`: which server it is, which says what it does not take' }),
  api_version: z
    .string()
    .regex(/^[a-zA-Z0-9._-]{1,60}$/, 'a version such as 2024-10-21')
    .nullable()
    .meta({ description: 'Of `azure-openai`: the `api-version` for paths of deployments' }),
  project: z
    .string()
    .regex(/^[a-z0-9.:-]{1,120}$/, 'the id of a Google Cloud project')
    .nullable()
    .meta({ description: 'Of `vertex`: the Google Cloud project' }),
  credential: credentialSchema,
  credential_header: z
    .string()
    .regex(/^[a-z0-9-]{1,60}$/, 'a header name in lower case')
    .nullable()
    .meta({
      description: 'The header that the credential goes into; null: `authorization`, as a bearer token',
    }),
  proxy: z
    .union([z.literal('direct'), plainUrlSchema])
    .nullable()
    .meta({ description: "Overrides the agent's own proxy: an address, or `direct` for none" }),
  ca: z
    .string()
    .max(200_000)
    .refine(isCertificateBundle, 'certificates in PEM, and nothing else')
    .nullable()
    .meta({ description: 'Certificates in PEM that are trusted besides the usual ones' }),
  time_limits: timeLimitsSchema.strict(),
  retries: z.int().min(0).max(5).nullable(),
  stream_options: z
    .boolean()
    .nullable()
    .meta({ description: 'Whether it takes `stream_options.include_usage`; null: it does' }),
};

export const createProviderSchema = z
  .strictObject({
    ...fields,
    base_url: fields.base_url.optional().meta({
      description:
        'Where the API begins. May be left out where the preset, the kind or, at a cloud, the region says it',
    }),
    region: fields.region.default(null),
    preset: fields.preset.default(null),
    api_version: fields.api_version.default(null),
    project: fields.project.default(null),
    credential_header: fields.credential_header.default(null),
    proxy: fields.proxy.default(null),
    ca: fields.ca.default(null),
    time_limits: fields.time_limits.default({}),
    retries: fields.retries.default(null),
    stream_options: fields.stream_options.default(null),
  })
  .meta({ id: 'CreateProvider' });

export const updateProviderSchema = z.strictObject(fields).partial().meta({ id: 'UpdateProvider' });

export const providerResourceSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    kind: z.string(),
    base_url: z.string(),
    region: z.string().nullable(),
    preset: z.string().nullable(),
    api_version: z.string().nullable(),
    project: z.string().nullable(),
    credential: z.looseObject({ from: z.string() }),
    credential_header: z.string().nullable(),
    proxy: z.string().nullable(),
    ca: z.string().nullable(),
    time_limits: timeLimitsSchema,
    retries: z.number().nullable(),
    stream_options: z.boolean().nullable(),
    ...timesShape,
  })
  .meta({ id: 'Provider' });
export type ProviderResource = z.infer<typeof providerResourceSchema>;
