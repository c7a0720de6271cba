import { USAGE_CLASSES } from '@bonito/protocol';
import { z } from 'zod';
import { isPrice } from './price.ts';

/** An amount of USD as people write it. */
export const figureSchema = z
  .string()
  .refine(isPrice, 'an amount of USD such as "2.50": at most nine decimals, at most 1000000')
  .meta({ example: '2.50' });

export const priceSchema = z.partialRecord(z.enum(USAGE_CLASSES), figureSchema).meta({
  id: 'Price',
  description:
    'USD for a million of each class, as decimal text. A class of tokens without a figure costs what `input` or `output` does; something that costs nothing has figures of `0`. What is no tokens (`searches` of a rerank, `audio_seconds`, `characters` of speech, `images`) has figures of its own or an unknown price.',
  example: { input: '2.50', output: '10', cache_read: '1.25' },
});

export const thresholdsSchema = z
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

const word = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,59}$/, 'a word in lower case')
  .optional();

export const variantsSchema = z
  .array(
    z
      .strictObject({
        tier: word.meta({
          description: 'A service tier as the provider calls it: `flex`, `priority`, `batch`',
        }),
        geography: word.meta({ description: 'Where the answer says that it was made: `us`' }),
        price: priceSchema,
        price_thresholds: thresholdsSchema.unwrap().optional(),
      })
      .refine(({ tier, geography }) => (tier ?? geography) !== undefined, '`tier`, `geography` or both'),
  )
  .max(50)
  .refine(
    (list) =>
      new Set(list.map(({ tier, geography }) => `${tier ?? ''} ${geography ?? ''}`)).size === list.length,
    'each tier and geography once',
  )
  .nullable()
  .meta({
    description:
      'With `price`: what requests cost that were served under a tier or in a geography. Null: one price for all. With a list, even an empty one, all others have an unknown price',
  });

/** Figures as they are answered. */
export const figuresSchema = z.partialRecord(z.enum(USAGE_CLASSES), z.string());
/** Thresholds as they are answered. */
export const thresholdListSchema = z
  .array(z.object({ above_input_tokens: z.int(), price: figuresSchema }))
  .nullable();
