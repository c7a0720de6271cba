import { type NanoUsd, parseUsd, UNIT_CLASSES, UNPRICED_REVISION } from '@bonito/protocol';
import {
  CATALOG_EDITION,
  catalogEntry,
  findCatalogEntry,
  isSoldBy,
  type Seller,
} from '../../catalog/catalog.ts';
import type { CatalogEntry } from '../../catalog/catalog-entry.ts';
import { soldPrice } from '../../catalog/sold-price.ts';
import type { PriceSource } from './deployments.schemas.ts';
import { type PriceFigures, priceRevision } from './price.ts';
import {
  invalidPrice,
  ownPrice,
  priceVariant,
  type ResolvedFigures,
  refuseAlone,
  type WrittenPrice,
} from './written-price.ts';

/** The model that is priced: by its id in the catalog where somebody named it, else by what the provider calls it. */
export interface PricedModel {
  upstream_model: string;
  catalog_id: string | null;
}

/** A deployment's columns that say what it costs. */
export interface PriceColumns {
  price_source: PriceSource;
  price_revision: string;
  price_per_million: string;
  price_thresholds: string | null;
  price_variants: string | null;
  price_per_hour: NanoUsd | null;
  /** The catalog that was looked into. */
  price_edition: string;
}

/**
 * What a deployment costs: what was written, else what the catalog says today of this model at this provider, else nobody
 * knows. Never zero or a guess.
 *
 * @param now milliseconds since 1970
 * @throws ServiceError `invalid_request` for thresholds or variants without a price, or a price in two ways
 */
export function resolvePrice(
  written: WrittenPrice,
  seller: Seller,
  model: PricedModel,
  now: number,
): PriceColumns {
  const { price, price_per_hour: perHour } = written;
  const hasPrice = price !== null && Object.keys(price).length > 0;
  if (!hasPrice) refuseAlone(written);
  if (perHour !== null) {
    if (hasPrice)
      throw invalidPrice(
        'price_per_hour',
        'is written without "price": by the hour, usage itself costs nothing',
      );
    return columns('own', { figures: FREE, thresholds: null, variants: null }, parseUsd(perHour));
  }
  if (hasPrice) return columns('own', ownPrice(price, written));
  const entry = entryFor(seller, model);
  const sold = entry && soldPrice(entry, seller, now);
  if (!sold)
    return {
      ...columns('unknown', { figures: {}, thresholds: null, variants: null }),
      price_revision: UNPRICED_REVISION,
    };
  return columns('catalog', {
    figures: sold.per_million,
    thresholds: sold.thresholds,
    variants:
      sold.variants?.map(({ tier, geography, ...list }) => priceVariant({ tier, geography }, list)) ?? null,
  });
}

/** The catalog's entry for a model at a provider; undefined where there is none that the provider sells. */
export function entryFor(
  seller: Pick<Seller, 'kind' | 'preset'>,
  { catalog_id: id, upstream_model }: PricedModel,
): CatalogEntry | undefined {
  if (id === null) return findCatalogEntry(seller, upstream_model);
  const entry = catalogEntry(id);
  return entry && isSoldBy(entry, seller) ? entry : undefined;
}

/** By the hour, whatever it does costs nothing more. */
const FREE: PriceFigures = Object.fromEntries(['input', 'output', ...UNIT_CLASSES].map((name) => [name, 0]));

function columns(source: PriceSource, price: ResolvedFigures, perHour: NanoUsd | null = null): PriceColumns {
  const { figures, thresholds, variants } = price;
  return {
    price_source: source,
    price_revision: priceRevision(figures, { thresholds, variants, perHour }),
    price_per_million: JSON.stringify(figures),
    price_thresholds: thresholds && JSON.stringify(thresholds),
    price_variants: variants && JSON.stringify(variants),
    price_per_hour: perHour,
    price_edition: CATALOG_EDITION,
  };
}
