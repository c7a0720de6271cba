import {
  formatUsd,
  type NanoUsd,
  type Price,
  parseUsd,
  sha256,
  USAGE_CLASSES,
  type UsageClass,
} from '@bonito/protocol';

/** Decimal USD for a million, by class: how people write it. */
export type PriceText = { [Class in UsageClass]?: string | undefined };
/** Nano-USD for a million, by class: how it is stored and published. */
export type PriceFigures = { [Class in UsageClass]?: NanoUsd };

const DEAREST: NanoUsd = parseUsd('1000000');

/** Whether text is a price that can be stored. */
export function isPrice(text: string): boolean {
  try {
    return parseUsd(text) <= DEAREST;
  } catch {
    return false;
  }
}

/** Reads a price; classes without a figure stay without one. */
export function parsePrice(price: PriceText): PriceFigures {
  return mapClasses(price, parseUsd);
}

/** Writes a price the way people do. */
export function formatPrice(figures: PriceFigures): { [Class in UsageClass]?: string } {
  return mapClasses(figures, formatUsd);
}

/** Other figures for requests with more than so many tokens of input. */
export type PriceThresholds = NonNullable<Price['thresholds']>;
/** Other figures for what is served under a tier or in a geography. */
export type PriceVariants = NonNullable<Price['variants']>;

/** What a price may say besides its figures. */
export interface PriceExtras {
  thresholds?: PriceThresholds | null;
  variants?: PriceVariants | null;
  /** Nano-USD for an hour. */
  perHour?: NanoUsd | null;
}

/** A name for exactly these figures: it changes with any of them, and comes back when they do. */
export function priceRevision(figures: PriceFigures, extras: PriceExtras = {}): string {
  const { thresholds, variants, perHour } = extras;
  const list = (of: PriceFigures) => USAGE_CLASSES.map((name) => of[name] ?? null);
  const above = thresholds?.map((one) => [one.above_input_tokens, list(one.per_million)]) ?? null;
  const others = variants?.map((one) => [one.tier ?? null, one.geography ?? null, one.revision]) ?? null;
  return sha256(JSON.stringify([list(figures), above, others, perHour ?? null])).slice(0, 16);
}

/** Goes through the classes in their fixed order, so that the same price is always written alike. */
function mapClasses<From, To>(
  from: { [Class in UsageClass]?: From | undefined },
  convert: (value: From) => To,
): { [Class in UsageClass]?: To } {
  const result: { [Class in UsageClass]?: To } = {};
  for (const name of USAGE_CLASSES) {
    const value = from[name];
    if (value !== undefined) result[name] = convert(value);
  }
  return result;
}
