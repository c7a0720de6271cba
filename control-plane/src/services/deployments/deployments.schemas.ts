import { CAPABILITIES, idSchema, modelNameSchema, TOKEN_CLASSES } from '@bonito/protocol';
import { z } from 'zod';
import { timesShape } from '../lists/fields.ts';
import { isPrice } from './price.ts';

/** Where a deployment's price is from. */
export const PRICE_SOURCES = ['own', 'catalog', 'unknown'] as const;
export type PriceSource = (typeof PRICE_SOURCES)[number];

const figureSchema = z
  .string()
  .refine(isPrice, 'an amount of USD such as "2.50": at most nine decimals, at most 1000000')
  .meta({ example: '2.50' });

const priceSchema = z.partialRecord(z.enum(TOKEN_CLASSES), figureSchema).meta({
  id: 'Price',
  description:
    'USD for a million tokens of each class, as decimal text. A class without a figure costs what `input` or `output` does; something that costs nothing has figures of `0`.',
  example: { input: '2.50', output: '10', cache_read: '1.25' },
});

const thresholdsSchema = z
  .array(z.strictObject({ above_input_tokens: z.int().min(1).max(1_000_000_000), price: priceSchema }))
  .min(1)
  .max(10)
  .refine(
    (list) => list.every((one, at) => one.above_input_tokens > (list[at - 1]?.above_input_tokens ?? 0)),
    'in rising order',
  )
  .nullable()
  .meta({
    description: 'With `price`: other figures for whole requests whose input is longer than so many tokens',
  });

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
  })
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
    price: z.partialRecord(z.enum(TOKEN_CLASSES), z.string()),
    price_thresholds: z
      .array(
        z.object({
          above_input_tokens: z.int(),
          price: z.partialRecord(z.enum(TOKEN_CLASSES), z.string()),
        }),
      )
      .nullable(),
    price_source: z
      .enum(PRICE_SOURCES)
      .meta({ description: '`own`, from the `catalog`, or `unknown`: then usage has no known cost' }),
    price_revision: z.string().meta({ description: 'Changes with any figure; usage records name it' }),
    ...timesShape,
  })
  .meta({ id: 'Deployment' });
export type DeploymentResource = z.infer<typeof deploymentResourceSchema>;
