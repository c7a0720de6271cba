import { z } from 'zod';

/**
 * Where the agent finds a provider's credential. The credential itself never passes through the control plane: what stands
 * here are names of variables and files, roles to take, and addresses to ask. Addresses are https, or loopback.
 */

const variableName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, 'the name of an environment variable');
const fileName = z
  .string()
  .regex(/^[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}$/, "a file's name inside the credential folder");
/** An id of an account, a tenant, a rule: no blanks, nothing that could break out of a URL or a header. */
const identifier = z
  .string()
  .regex(/^[A-Za-z0-9._:@/+=-]{1,200}$/, 'an id of at most 200 letters and digits');
const scope = z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,500}$/, 'a scope as OAuth has it');
const region = z.string().regex(/^[a-z0-9-]{1,60}$/, 'a region such as eu-central-1');

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** An address that secrets may be sent to: https, or this machine itself. No user, password, query or fragment. */
const secureUrl = z
  .url({ protocol: /^https?$/, error: 'an https address' })
  .max(2_000)
  .refine((text) => {
    const url = URL.parse(text);
    if (!url || url.username || url.password || /[?#]/.test(text)) return false;
    return url.protocol === 'https:' || LOOPBACK.test(url.hostname);
  }, 'an https address without user, password, query or fragment (http only on loopback)');

/** The ways to a credential at each cloud. A way that an agent does not know is read as an unknown source. */
export const CREDENTIAL_SOURCES = {
  aws: ['default', 'static', 'environment', 'web_identity', 'container', 'instance'],
  azure: ['client_secret', 'workload_identity', 'managed_identity'],
  google: ['service_account', 'ambient'],
  federation: ['openai', 'anthropic'],
} as const;

type ObjectMaker = typeof z.object | typeof z.strictObject;

/** Both forms of every schema: what agents read ignores unknown fields, what a person writes may not have any. */
function credentialOptions(object: ObjectMaker) {
  const secret = z.discriminatedUnion('from', [
    object({ from: z.literal('environment'), name: variableName }),
    object({ from: z.literal('file'), name: fileName }),
  ]);
  /** A role to take with what comes before it: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
  const role = object({
    arn: z.string().regex(/^arn:[a-z-]{3,20}:iam::\d{12}:role\/[\w+=,.@/-]{1,600}$/, 'the ARN of a role'),
    external_id: z
      .string()
      .regex(/^[\w+=,.@:/-]{2,1224}$/, 'an external id as STS takes it')
      .optional(),
    /** `bonito` where absent. */
    session_name: z
      .string()
      .regex(/^[\w+=,.@-]{2,64}$/, '2 to 64 letters, digits and _+=,.@-')
      .optional(),
    tags: z
      .record(
        z.string().regex(/^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u),
        z.string().regex(/^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u),
      )
      .refine((tags) => Object.keys(tags).length <= 50, 'at most 50 tags')
      .optional(),
    /** From 15 minutes to 12 hours; one hour where absent. A role taken from a role may not last longer than an hour. */
    duration_seconds: z.int().min(900).max(43_200).optional(),
  });
  return [
    object({ from: z.literal('none') }),
    /** An environment variable of the agent's process. */
    object({ from: z.literal('environment'), name: variableName }),
    /** A file's name inside the agent's credential folder; re-read when it changes. */
    object({ from: z.literal('file'), name: fileName }),
    object({
      from: z.literal('aws'),
      source: z.enum(CREDENTIAL_SOURCES.aws),
      /** `static`: JSON `{access_key_id, secret_access_key, session_token?}`. `web_identity`: the token, instead of the environment's file. */
      secret: secret.optional(),
      /** Taken one after the other. */
      roles: z.array(role).max(8).optional(),
      /** Whose STS gives the roles; the provider's region where absent. */
      sts_region: region.optional(),
      sts_url: secureUrl.optional(),
    }),
    object({
      from: z.literal('azure'),
      source: z.enum(CREDENTIAL_SOURCES.azure),
      tenant_id: identifier.optional(),
      client_id: identifier.optional(),
      /** `client_secret`: the secret. `workload_identity`: the federated token, instead of AZURE_FEDERATED_TOKEN_FILE. */
      secret: secret.optional(),
      /** `https://cognitiveservices.azure.com/.default` where absent. */
      scope: scope.optional(),
      /** `https://login.microsoftonline.com` where absent. */
      authority_url: secureUrl.optional(),
    }),
    object({
      from: z.literal('google'),
      source: z.enum(CREDENTIAL_SOURCES.google),
      /** `service_account`: the JSON key, or an `external_account` configuration. */
      secret: secret.optional(),
      /** `https://www.googleapis.com/auth/cloud-platform` where absent. */
      scopes: z.array(scope).min(1).max(20).optional(),
      token_url: secureUrl.optional(),
    }),
    /** A token of one's own identity provider, exchanged at the model provider for a short-lived one. */
    object({
      from: z.literal('federation'),
      source: z.enum(CREDENTIAL_SOURCES.federation),
      /** The token of the identity provider (JWT); read anew for each exchange. */
      secret: secret.optional(),
      service_account_id: identifier.optional(),
      /** Of `openai`. */
      identity_provider_id: identifier.optional(),
      subject_token_type: z.enum(['jwt', 'id_token']).optional(),
      /** Of `anthropic`. */
      federation_rule_id: identifier.optional(),
      organization_id: identifier.optional(),
      workspace_id: identifier.optional(),
      token_url: secureUrl.optional(),
    }),
  ] as const;
}

/** What each way cannot do without, for the person who writes it. An agent that gets less says so when it is used. */
const REQUIRED: Readonly<Record<string, readonly string[]>> = {
  'aws static': ['secret'],
  'azure client_secret': ['tenant_id', 'client_id', 'secret'],
  'google service_account': ['secret'],
  'federation openai': ['secret', 'identity_provider_id', 'service_account_id'],
  'federation anthropic': ['secret', 'federation_rule_id', 'organization_id'],
};

function complete(value: object, context: z.RefinementCtx): void {
  const fields = value as Readonly<Record<string, unknown>>;
  const way = `${fields.from} ${fields.source}`;
  for (const name of REQUIRED[way] ?? []) {
    if (fields[name] !== undefined) continue;
    context.addIssue({
      code: 'custom',
      path: [name],
      message: `is needed for the source "${fields.source}"`,
    });
  }
}

const knownCredentialSchema = z.discriminatedUnion('from', credentialOptions(z.object));
const KNOWN: ReadonlyMap<string, readonly string[] | undefined> = new Map(
  knownCredentialSchema.options.map((option) => {
    const from = option.shape.from.value;
    return [from, (CREDENTIAL_SOURCES as Record<string, readonly string[]>)[from]];
  }),
);

const unknownCredentialSchema = z
  .object({ from: z.string().max(100), source: z.string().max(100).optional() })
  .refine(({ from, source }) => {
    const sources = KNOWN.get(from);
    return !KNOWN.has(from) || (source !== undefined && sources !== undefined && !sources.includes(source));
  })
  .transform(() => ({ from: 'unknown' as const }));

/** As agents read it. A source that this version does not know is read as `unknown`, and the provider is not used. */
export const credentialReferenceSchema = z.union([knownCredentialSchema, unknownCredentialSchema]);
export type CredentialReference = z.infer<typeof credentialReferenceSchema>;

const [none, environment, file, aws, azure, google, federation] = credentialOptions(z.strictObject);

/** The sources that a person may configure with this version: no unknown field, and all that each source needs. */
export const configurableCredentialSchema = z.discriminatedUnion('from', [
  none,
  environment,
  file,
  aws.superRefine(complete),
  azure.superRefine(complete),
  google.superRefine(complete),
  federation.superRefine(complete),
]);

/** A secret's place: a variable of the agent's process or a file in its credential folder. */
export type SecretReference = { from: 'environment' | 'file'; name: string };
export type AwsCredentialReference = Extract<CredentialReference, { from: 'aws' }>;
export type AwsRole = NonNullable<AwsCredentialReference['roles']>[number];
export type AzureCredentialReference = Extract<CredentialReference, { from: 'azure' }>;
export type GoogleCredentialReference = Extract<CredentialReference, { from: 'google' }>;
export type FederationReference = Extract<CredentialReference, { from: 'federation' }>;
