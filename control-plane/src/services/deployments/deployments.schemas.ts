import { CAPABILITIES, idSchema, modelNameSchema } from '@bonito/protocol';
import { z } from 'zod';
import { timesShape } from '../lists/fields.ts';
import {
  figureSchema,
  figuresSchema,
  priceSchema,
  thresholdListSchema,
  thresholdsSchema,
  variantsSchema,
} from './price.schemas.ts';

/** Where a deployment's price is from. */
export const PRICE_SOURCES = ['own', 'catalog', 'unknown'] as const;
export type PriceSource = (typeof PRICE_SOURCES)[number];

const fields = {
  name: modelNameSchema.meta({
    description: 'What clients ask for; shared with no other deployment and no route',
  }),
  provider_id: idSchema,
  upstream_model: z.string().min(1).max(500).meta({ description: 'What the provider calls it' }),
  family: z.string().min(1).max(60).meta({ example: 'gpt' }),
  capabilities: z
    .array(z.enum(CAPABILITIES))
    .min(1)
    .refine((names) => new Set(names).size === names.length, 'each capability once')
    .nullable()
    .meta({ description: 'What it can be called for; null for everything' }),
  processing_boundary: z
    .string()
    .min(1)
    .max(60)
    .nullable()
    .meta({ description: 'Where the provider processes the content, in your own words', example: 'eu' }),
  wire: z
    .enum(['openai-chat', 'openai-responses', 'anthropic-messages', 'gemini-content', 'bedrock-converse'])
    .nullable()
    .meta({
      description: "Which of the provider's APIs it is called by; null: the one for its family",
    }),
  price: priceSchema.nullable().meta({
    description:
      'Null or without figures: the price of the catalog where it has the model; else the price is unknown, and so is what usage costs',
  }),
  price_thresholds: thresholdsSchema,
  price_variants: variantsSchema,
  price_per_hour: figureSchema.nullable().meta({
    description:
      'USD for each hour in which the deployment exists, for capacity that is paid whether it is used or not. Usage itself costs nothing then; instead of `price`',
    example: '39.60',
  }),
  catalog_id: z.string().min(1).max(300).nullable().meta({
    description:
      'The model in `/api/catalog/models` whose price and capabilities hold, where its name at the provider does not say it',
    example: 'openai/gpt-5-mini',
  }),
};

export const createDeploymentSchema = z
  .strictObject({
    ...fields,
    family: fields.family.default('other'),
    capabilities: fields.capabilities.default(null),
    processing_boundary: fields.processing_boundary.default(null),
    wire: fields.wire.default(null),
    price: fields.price.default(null),
    price_thresholds: fields.price_thresholds.default(null),
    price_variants: fields.price_variants.default(null),
    price_per_hour: fields.price_per_hour.default(null),
    catalog_id: fields.catalog_id.default(null),
    upstream_model: fields.upstream_model.optional().meta({
      description: 'What the provider calls it; the name in the catalog where there is a `catalog_id`',
    }),
  })
  .refine(
    ({ upstream_model, catalog_id }) => upstream_model !== undefined || typeof catalog_id === 'string',
    {
      path: ['upstream_model'],
      error: 'needed, or "catalog_id"',
      // Told together with what else is wrong.
      when: ({ value }) => typeof value === 'object' && value !== null,
    },
  )
  .meta({ id: 'CreateDeployment' });

export const updateDeploymentSchema = z.strictObject(fields).partial().meta({ id: 'UpdateDeployment' });

export const deploymentResourceSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    provider_id: z.string(),
    upstream_model: z.string(),
    family: z.string(),
    capabilities: z.array(z.string()).nullable(),
    processing_boundary: z.string().nullable(),
    wire: z.string().nullable(),
    catalog_id: z.string().nullable(),
    price: figuresSchema,
    price_thresholds: thresholdListSchema,
    price_variants: z
      .array(
        z.object({
          tier: z.string().optional(),
          geography: z.string().optional(),
          price: figuresSchema,
          price_thresholds: thresholdListSchema,
          price_revision: z.string(),
        }),
      )
      .nullable()
      .meta({ description: 'By service tier and geography; null: one price for all' }),
    price_per_hour: z.string().nullable(),
    price_source: z
      .enum(PRICE_SOURCES)
      .meta({ description: '`own`, from the `catalog`, or `unknown`: then usage has no known cost' }),
    price_revision: z.string().meta({ description: 'Changes with any figure; usage records name it' }),
    ...timesShape,
  })
  .meta({ id: 'Deployment' });
export type DeploymentResource = z.infer<typeof deploymentResourceSchema>;
