import { z } from 'zod';
import type { NanoUsd } from './money.ts';

/**
 * The classes that tokens are counted in. They are disjoint: a token that was read from a cache is not also `input`, one
 * spent on reasoning is not also `output`, so that a bill is a plain sum over the classes.
 */
export const TOKEN_CLASSES = [
  'input',
  'cache_read',
  /** Written for the provider's usual time, five minutes at Anthropic. */
  'cache_write',
  'cache_write_1h',
  'audio_input',
  'image_input',
  'output',
  'reasoning',
  'audio_output',
  'image_output',
] as const;

export type TokenClass = (typeof TOKEN_CLASSES)[number];

const count = z.int().min(0).max(1_000_000_000_000);

/** Counts by class; a class that is absent is zero. */
export const tokenCountsSchema = z.partialRecord(z.enum(TOKEN_CLASSES), count);
export type TokenCounts = { [Class in TokenClass]?: number };

/** The revision of a price that nobody knows. What was used under it costs an unknown amount, never nothing. */
export const UNPRICED_REVISION = 'unpriced';

const figuresSchema = z.partialRecord(
  z.enum(TOKEN_CLASSES),
  z
    .int()
    .min(0)
    .max(1_000_000 * 1_000_000_000),
);

/**
 * What a deployment costs: nano-USD for a million tokens of each class. A class without a price costs what its side costs
 * (`input` or `output`), so that a price list with two figures bills every token.
 */
export const priceSchema = z.object({
  /** Changes whenever any figure does; each usage record names the one that it was billed with. */
  revision: z.string().min(1).max(64),
  per_million: figuresSchema,
  /**
   * Other figures for requests whose input is longer than so many tokens, in rising order; they hold for the whole request.
   * Version 1 bills by `per_million` alone.
   */
  thresholds: z
    .array(z.object({ above_input_tokens: z.int().min(0), per_million: figuresSchema }))
    .max(10)
    .optional(),
});
export type Price = z.infer<typeof priceSchema>;

const INPUT_CLASSES: readonly TokenClass[] = [
  'input',
  'cache_read',
  'cache_write',
  'cache_write_1h',
  'audio_input',
  'image_input',
];
const OUTPUT_CLASSES: readonly TokenClass[] = ['output', 'reasoning', 'audio_output', 'image_output'];

/** All tokens that went in, whatever their class. */
export function inputTokens(counts: TokenCounts): number {
  return sum(counts, INPUT_CLASSES);
}

/** All tokens that came out, whatever their class. */
export function outputTokens(counts: TokenCounts): number {
  return sum(counts, OUTPUT_CLASSES);
}

/** Adds counts class by class; classes that are zero everywhere stay absent. */
export function addTokens(...all: TokenCounts[]): TokenCounts {
  const total: TokenCounts = {};
  for (const counts of all) {
    for (const name of TOKEN_CLASSES) {
      const value = counts[name];
      if (value) total[name] = (total[name] ?? 0) + value;
    }
  }
  return total;
}

/**
 * What the counted tokens cost, in nano-USD, rounded half up once over the sum. Exact: falls back to BigInt where a product
 * would pass 2^53.
 */
export function costOf(counts: TokenCounts, price: Price): NanoUsd {
  const figures = price.thresholds ? figuresFor(counts, price) : price.per_million;
  let exact = 0;
  // Over the classes that are there, mostly two of the ten: this stands on the hot path.
  for (const name in counts) {
    exact += (counts[name as TokenClass] ?? 0) * perMillion(figures, name as TokenClass);
  }
  if (exact <= Number.MAX_SAFE_INTEGER - 500_000) return Math.floor((exact + 500_000) / 1_000_000);
  let large = 0n;
  for (const name of TOKEN_CLASSES) large += BigInt(counts[name] ?? 0) * BigInt(perMillion(figures, name));
  const nanos = (large + 500_000n) / 1_000_000n;
  return nanos > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(nanos);
}

const INPUT_NAMES: ReadonlySet<TokenClass> = new Set(INPUT_CLASSES);

function figuresFor(counts: TokenCounts, price: Price): Price['per_million'] {
  const input = inputTokens(counts);
  const above = price.thresholds?.findLast(({ above_input_tokens: start }) => input > start);
  return above?.per_million ?? price.per_million;
}

function perMillion(figures: Price['per_million'], name: TokenClass): number {
  const own = figures[name];
  if (own !== undefined) return own;
  return figures[INPUT_NAMES.has(name) ? 'input' : 'output'] ?? 0;
}

function sum(counts: TokenCounts, classes: readonly TokenClass[]): number {
  let total = 0;
  for (const name of classes) total += counts[name] ?? 0;
  return total;
}
