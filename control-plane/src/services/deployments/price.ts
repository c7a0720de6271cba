import {
  formatUsd,
  type NanoUsd,
  type Price,
  parseUsd,
  sha256,
  TOKEN_CLASSES,
  type TokenClass,
} from '@bonito/protocol';

/** Decimal USD for a million tokens, by class: how people write it. */
export type PriceText = { [Class in TokenClass]?: string | undefined };
/** Nano-USD for a million tokens, by class: how it is stored and published. */
export type PriceFigures = { [Class in TokenClass]?: NanoUsd };

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
export function formatPrice(figures: PriceFigures): { [Class in TokenClass]?: string } {
  return mapClasses(figures, formatUsd);
}

/** Other figures for requests with more than so many tokens of input. */
export type PriceThresholds = NonNullable<Price['thresholds']>;

/** A name for exactly these figures: it changes with any of them, and comes back when they do. */
export function priceRevision(figures: PriceFigures, thresholds: PriceThresholds | null = null): string {
  const list = (of: PriceFigures) => TOKEN_CLASSES.map((name) => of[name] ?? null);
  const above = thresholds?.map((one) => [one.above_input_tokens, list(one.per_million)]);
  return sha256(JSON.stringify(above ? [list(figures), above] : list(figures))).slice(0, 16);
}

/** Goes through the classes in their fixed order, so that the same price is always written alike. */
function mapClasses<From, To>(
  from: { [Class in TokenClass]?: From | undefined },
  convert: (value: From) => To,
): { [Class in TokenClass]?: To } {
  const result: { [Class in TokenClass]?: To } = {};
  for (const name of TOKEN_CLASSES) {
    const value = from[name];
    if (value !== undefined) result[name] = convert(value);
  }
  return result;
}
