import { CAPABILITIES, PROVIDER_KINDS, PROVIDER_PRESETS } from '@bonito/protocol';
import { z } from 'zod';
import { figuresSchema, thresholdListSchema } from '../deployments/price.schemas.ts';
import { textPageQuerySchema } from '../lists/text-page.ts';

export const catalogQuerySchema = textPageQuerySchema.extend({
  kind: z.enum(PROVIDER_KINDS).optional().meta({ description: 'Only what providers of this kind sell' }),
  preset: z.enum(PROVIDER_PRESETS.map(({ name }) => name)).optional(),
  capability: z
    .enum(CAPABILITIES)
    .optional()
    .meta({ description: 'Only what is known to be callable for this' }),
});
export type CatalogQuery = z.output<typeof catalogQuerySchema>;

export const catalogModelSchema = z
  .object({
    id: z.string(),
    model: z.string(),
    name: z.string().nullable(),
    kinds: z.array(z.string()),
    preset: z.string().nullable(),
    context_window: z.int().nullable().meta({ description: 'Tokens; null where it is not known' }),
    capabilities: z
      .object({ names: z.array(z.string()), source: z.string() })
      .nullable()
      .meta({
        description: 'What it can be called for, and where its seller says so; null where that is not known',
      }),
    deprecated: z.boolean(),
    prices: z.array(
      z.object({
        from: z.string().nullable().meta({ description: 'The first day in UTC; null: always' }),
        price: figuresSchema.meta({ description: 'USD for a million of each class' }),
        price_thresholds: thresholdListSchema.meta({
          description: 'For whole requests whose input is longer',
        }),
      }),
    ),
    service_tiers: z
      .array(
        z.object({
          tier: z.string(),
          kinds: z.array(z.string()),
          times: z
            .number()
            .nullable()
            .meta({ description: 'Of the standard price; null where `price` says it' }),
          except: z.array(z.string()).meta({ description: 'Classes that cost what they always do' }),
          price: figuresSchema.nullable().meta({ description: 'Of requests that are not long' }),
          sources: z.array(z.string()),
        }),
      )
      .meta({ description: 'Tiers with a published price; others have an unknown one' }),
    uplifts: z
      .array(
        z.object({
          kinds: z.array(z.string()),
          when: z.enum(['regional_endpoint', 'geography']),
          geography: z.string().nullable(),
          times: z.number().meta({ description: 'Of the price' }),
          sources: z.array(z.string()),
        }),
      )
      .meta({ description: 'Surcharges for where requests are processed' }),
    other_fees: z
      .array(z.string())
      .meta({ description: 'What is charged besides tokens, and is not counted by the gateway' }),
    sources: z.array(z.string()).meta({ description: 'Where the seller publishes these prices' }),
  })
  .meta({ id: 'CatalogModel' });
export type CatalogModel = z.infer<typeof catalogModelSchema>;
