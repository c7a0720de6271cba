import type { FigureList } from '../../catalog/sold-price.ts';
import { ServiceError } from '../service-error.ts';
import {
  type PriceFigures,
  type PriceText,
  type PriceThresholds,
  type PriceVariants,
  parsePrice,
  priceRevision,
} from './price.ts';

type WrittenThresholds = readonly { above_input_tokens: number; price: PriceText }[];

/** A price as somebody wrote it; null where nobody did. */
export interface WrittenPrice {
  price: PriceText | null;
  price_thresholds: WrittenThresholds | null;
  price_variants:
    | readonly {
        tier?: string | undefined;
        geography?: string | undefined;
        price: PriceText;
        price_thresholds?: WrittenThresholds | undefined;
      }[]
    | null;
  /** USD. */
  price_per_hour: string | null;
}

export const NOTHING_WRITTEN: WrittenPrice = {
  price: null,
  price_thresholds: null,
  price_variants: null,
  price_per_hour: null,
};

/** Thresholds and variants change a price; where none is written there is nothing that they could change. */
export function refuseAlone(written: Pick<WrittenPrice, 'price_thresholds' | 'price_variants'>): void {
  for (const name of ['price_thresholds', 'price_variants'] as const) {
    if (written[name]) throw invalidPrice(name, 'is written together with "price"');
  }
}

/** Figures with all that belongs to them. */
export interface ResolvedFigures {
  figures: PriceFigures;
  thresholds: PriceThresholds | null;
  variants: PriceVariants | null;
}

/** Reads a price as it was written. */
export function ownPrice(price: PriceText, written: WrittenPrice): ResolvedFigures {
  return {
    figures: parsePrice(price),
    thresholds: parseThresholds(written.price_thresholds),
    variants:
      written.price_variants?.map((one) =>
        priceVariant(one, {
          per_million: parsePrice(one.price),
          thresholds: parseThresholds(one.price_thresholds ?? null),
        }),
      ) ?? null,
  };
}

function parseThresholds(list: WrittenThresholds | null): PriceThresholds | null {
  return (
    list?.map(({ above_input_tokens, price }) => ({ above_input_tokens, per_million: parsePrice(price) })) ??
    null
  );
}

/** A list of figures for a tier, a geography or both, with a revision of its own. */
export function priceVariant(
  { tier, geography }: { tier?: string | undefined; geography?: string | undefined },
  { per_million, thresholds }: FigureList,
): PriceVariants[number] {
  return {
    ...(tier !== undefined && { tier }),
    ...(geography !== undefined && { geography }),
    revision: priceRevision(per_million, { thresholds }),
    per_million,
    ...(thresholds && { thresholds }),
  };
}

/** A refusal of what was written about a price, with its place. */
export function invalidPrice(path: string, message: string): ServiceError {
  return new ServiceError('invalid_request', `"${path}" ${message}`, [{ path, message }]);
}
