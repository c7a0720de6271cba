import { UNPRICED_REVISION } from '@bonito/protocol';
import { findCatalogEntry, priceOn, type Seller } from '../../catalog/catalog.ts';
import { ServiceError } from '../service-error.ts';
import type { PriceSource } from './deployments.schemas.ts';
import {
  type PriceFigures,
  type PriceText,
  type PriceThresholds,
  parsePrice,
  priceRevision,
} from './price.ts';

/** A price as somebody wrote it; null where nobody did. */
export interface WrittenPrice {
  price: PriceText | null;
  thresholds: readonly { above_input_tokens: number; price: PriceText }[] | null;
}

/** A deployment's columns that say what it costs. */
interface PriceColumns {
  price_source: PriceSource;
  price_revision: string;
  price_per_million: string;
  price_thresholds: string | null;
}

/**
 * What a deployment costs: what was written, else what the catalog says today of this model at this kind of provider, else
 * nobody knows. Never zero or a guess.
 *
 * @param now milliseconds since 1970
 * @throws ServiceError `invalid_request` for thresholds without a price
 */
export function resolvePrice(
  written: WrittenPrice,
  seller: Seller,
  upstreamModel: string,
  now: number,
): PriceColumns {
  if (written.price && Object.keys(written.price).length > 0) {
    const thresholds = written.thresholds?.map(({ above_input_tokens, price }) => ({
      above_input_tokens,
      per_million: parsePrice(price),
    }));
    return columns('own', parsePrice(written.price), thresholds ?? null);
  }
  if (written.thresholds) throw thresholdsAlone();
  const entry = findCatalogEntry(seller, upstreamModel);
  const price = entry && priceOn(entry, now);
  if (price) return columns('catalog', price.per_million, price.thresholds ?? null);
  return { ...columns('unknown', {}, null), price_revision: UNPRICED_REVISION };
}

/** Thresholds change a price; where none is written there is nothing that they could change. */
export function thresholdsAlone(): ServiceError {
  const message = 'is written together with "price"';
  return new ServiceError('invalid_request', `"price_thresholds" ${message}`, [
    { path: 'price_thresholds', message },
  ]);
}

function columns(
  source: PriceSource,
  figures: PriceFigures,
  thresholds: PriceThresholds | null,
): PriceColumns {
  return {
    price_source: source,
    price_revision: priceRevision(figures, thresholds),
    price_per_million: JSON.stringify(figures),
    price_thresholds: thresholds && JSON.stringify(thresholds),
  };
}
