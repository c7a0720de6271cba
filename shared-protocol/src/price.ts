import { z } from 'zod';
import type { NanoUsd } from './money.ts';
import {
  billedOf,
  inputTokens,
  SERVED_GEOGRAPHY,
  SERVED_TIER,
  type ServedCounts,
  SIDES,
  type TokenCounts,
  USAGE_CLASSES,
  type UsageClass,
} from './tokens.ts';

/** The revision of a price that nobody knows. What was used under it costs an unknown amount, never nothing. */
export const UNPRICED_REVISION = 'unpriced';

const figuresSchema = z.partialRecord(
  z.enum(USAGE_CLASSES),
  z
    .int()
    .min(0)
    .max(1_000_000 * 1_000_000_000),
);

const listShape = {
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
};

/** What requests cost that were served under one tier, in one geography, or both. */
const priceVariantSchema = z.object({
  tier: z.string().min(1).max(60).optional(),
  geography: z.string().min(1).max(60).optional(),
  ...listShape,
});
export type PriceVariant = z.infer<typeof priceVariantSchema>;

/**
 * What a deployment costs: nano-USD for a million of each class. A class of tokens without a price costs what its side costs
 * (`input` or `output`), so that a price list with two figures bills every token. What has no figure either way has an unknown
 * price; so has what is written to a cache for an hour, where the list prices the five minutes alone.
 */
export const priceSchema = z.object({
  ...listShape,
  /**
   * Absent: one price for every tier and geography. Present: the figures above are for the standard ones, and what was served
   * under others has the price of its variant, or an unknown one where there is none. Version 1 does not read them.
   */
  variants: z.array(priceVariantSchema).max(50).optional(),
});
export type Price = z.infer<typeof priceSchema>;

/** One list of figures: a price's own, or that of one of its variants. */
export type PriceList = Pick<Price, 'revision' | 'per_million' | 'thresholds'>;

/** The list of what nobody knows the price of. */
export const UNPRICED: PriceList = { revision: UNPRICED_REVISION, per_million: {} };

/** Words for the tier and the geography that a price's own figures are for. */
const STANDARD: ReadonlySet<string> = new Set(['default', 'standard', 'standard_only', 'auto', 'on_demand']);
const ANYWHERE: ReadonlySet<string> = new Set(['global', 'not_available']);

/**
 * The list that usage is billed by: by the tier and the geography that the answer named, else those that were asked for.
 * `UNPRICED` where the price has no figures for them, or none for something that was used.
 */
export function listFor(
  counts: ServedCounts,
  price: Price,
  askedTier?: string,
  askedGeography?: string,
): PriceList {
  const list = price.variants
    ? variantFor(
        price,
        price.variants,
        counts[SERVED_TIER] ?? askedTier,
        counts[SERVED_GEOGRAPHY] ?? askedGeography,
      )
    : price;
  return list !== undefined && covers(billedOf(counts), list) ? list : UNPRICED;
}

function variantFor(
  price: Price,
  variants: readonly PriceVariant[],
  servedTier: string | undefined,
  servedGeography: string | undefined,
): PriceList | undefined {
  const tier = servedTier !== undefined && STANDARD.has(servedTier) ? undefined : servedTier;
  const geography =
    servedGeography !== undefined && ANYWHERE.has(servedGeography) ? undefined : servedGeography;
  if (tier === undefined && geography === undefined) return price;
  return variants.find((one) => one.tier === tier && one.geography === geography);
}

/** Whether there is a figure for everything that was used. */
function covers(counts: TokenCounts, list: PriceList): boolean {
  const figures = list.thresholds ? figuresFor(counts, list) : list.per_million;
  for (const name in counts) {
    const used = counts[name as UsageClass];
    if (used && perMillion(figures, name as UsageClass) === undefined) return false;
  }
  return true;
}

/**
 * What the counted usage costs, in nano-USD, rounded half up once over the sum. Exact: falls back to BigInt where a product would
 * pass 2^53. What the list has no figure for adds nothing: `listFor` finds the list that has them.
 */
export function costOf(used: ServedCounts, list: PriceList): NanoUsd {
  const counts = billedOf(used);
  const figures = list.thresholds ? figuresFor(counts, list) : list.per_million;
  let exact = 0;
  // Over the classes that are there, mostly two of them: this stands on the hot path.
  for (const name in counts) {
    exact += (counts[name as UsageClass] ?? 0) * (perMillion(figures, name as UsageClass) ?? 0);
  }
  if (exact <= Number.MAX_SAFE_INTEGER - 500_000) return Math.floor((exact + 500_000) / 1_000_000);
  let large = 0n;
  for (const name of USAGE_CLASSES)
    large += BigInt(counts[name] ?? 0) * BigInt(perMillion(figures, name) ?? 0);
  const nanos = (large + 500_000n) / 1_000_000n;
  return nanos > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(nanos);
}

function figuresFor(counts: TokenCounts, list: PriceList): Price['per_million'] {
  const input = inputTokens(counts);
  const above = list.thresholds?.findLast(({ above_input_tokens: start }) => input > start);
  return above?.per_million ?? list.per_million;
}

/** Undefined where the figures say nothing of the class. */
function perMillion(figures: Price['per_million'], name: UsageClass): number | undefined {
  const own = figures[name];
  if (own !== undefined) return own;
  // Who prices what is written to a cache apart has a price for the hour's too, which is then not known.
  if (name === 'cache_write_1h' && figures.cache_write !== undefined) return undefined;
  const side = SIDES.get(name);
  return side && figures[side];
}
