import { PROVIDER_KINDS, PROVIDER_PRESETS, TOKEN_CLASSES } from '@bonito/protocol';
import { z } from 'zod';
import { textPageQuerySchema } from '../lists/text-page.ts';

export const catalogQuerySchema = textPageQuerySchema.extend({
  kind: z.enum(PROVIDER_KINDS).optional().meta({ description: 'Only what providers of this kind sell' }),
  preset: z.enum(PROVIDER_PRESETS.map(({ name }) => name)).optional(),
});
export type CatalogQuery = z.output<typeof catalogQuerySchema>;

const figures = z.partialRecord(z.enum(TOKEN_CLASSES), z.string()).meta({
  description: 'USD for a million tokens of each class',
});

export const catalogModelSchema = z
  .object({
    id: z.string(),
    model: z.string(),
    name: z.string().nullable(),
    kinds: z.array(z.string()),
    preset: z.string().nullable(),
    context_window: z.int().nullable().meta({ description: 'Tokens; null where it is not known' }),
    deprecated: z.boolean(),
    prices: z.array(
      z.object({
        from: z.string().nullable().meta({ description: 'The first day in UTC; null: always' }),
        price: figures,
        price_thresholds: z
          .array(z.object({ above_input_tokens: z.int(), price: figures }))
          .nullable()
          .meta({ description: 'For whole requests whose input is longer' }),
      }),
    ),
    other_fees: z
      .array(z.string())
      .meta({ description: 'What is charged besides tokens, and is not counted by the gateway' }),
    sources: z.array(z.string()).meta({ description: 'Where the seller publishes these prices' }),
  })
  .meta({ id: 'CatalogModel' });
export type CatalogModel = z.infer<typeof catalogModelSchema>;
