import { idSchema, LIST_PERMISSIONS, timestampSchema, VALIDATION_REASONS } from '@bonito/protocol';
import { z } from 'zod';
import { createDeploymentSchema } from '../deployments/deployments.schemas.ts';
import { idParamsSchema } from '../lists/fields.ts';

const MOST_SECONDS = 30;

export const waitSchema = z.strictObject({
  wait_seconds: z
    .int()
    .min(0)
    .max(MOST_SECONDS)
    .default(10)
    .meta({ description: 'How long to wait for the agent at most; it is asked in any case' }),
});

/** How a provider was found. */
export const VALIDATION_STATUSES = [
  'ok',
  'pending',
  'not_applied',
  'unsupported',
  ...VALIDATION_REASONS,
] as const;
export type ValidationStatus = (typeof VALIDATION_STATUSES)[number];

export const validationSchema = z
  .object({
    status: z.enum(VALIDATION_STATUSES).meta({
      description:
        '`ok`, `pending` (no answer yet: read the command), `not_applied` (the agent does not have this provider yet), `unsupported` (the agent cannot use this provider), or what is wrong',
    }),
    permission: z
      .enum(LIST_PERMISSIONS)
      .nullable()
      .meta({ description: 'With `permission_missing`: which one, in the words of the provider' }),
    message: z.string().meta({ description: 'A sentence for a person: what is wrong and what to do' }),
    instance: idSchema.meta({ description: 'The agent process that was asked' }),
    command_id: idSchema,
    answered_at: timestampSchema.nullable(),
  })
  .meta({ id: 'ProviderValidation' });
export type ProviderValidation = z.infer<typeof validationSchema>;

export const discoveredModelSchema = z
  .object({
    model: z.string().meta({ description: 'What the provider calls it' }),
    discovered_at: timestampSchema,
    catalog_id: z.string().nullable().meta({ description: 'The model in `/api/catalog/models`' }),
    context_window: z.int().nullable(),
    capabilities: z
      .array(z.string())
      .nullable()
      .meta({ description: 'What it can be called for; null where the catalog does not know' }),
    priced: z.boolean().meta({ description: 'The catalog has a price for it' }),
    deployments: z.array(z.string()).meta({ description: 'The names of deployments that call it' }),
  })
  .meta({ id: 'DiscoveredModel' });
export type DiscoveredModel = z.infer<typeof discoveredModelSchema>;

/** `{model}` is one part of the path, so slashes in a name are written `%2F`. */
export const modelParamsSchema = idParamsSchema.extend({ model: z.string().min(1).max(500) });

const { provider_id: _provider, upstream_model: _model, ...deploymentShape } = createDeploymentSchema.shape;
export const deployModelSchema = z
  .strictObject({
    ...deploymentShape,
    name: deploymentShape.name
      .optional()
      .meta({ description: "What clients ask for; the provider's own name for it where absent" }),
  })
  .meta({ id: 'DeployModel' });
