import { catalogEntries } from '../../catalog/catalog.ts';
import type { CatalogEntry } from '../../catalog/catalog-entry.ts';
import { formatPrice } from '../deployments/price.ts';
import type { Page } from '../lists/page.ts';
import { textPage } from '../lists/text-page.ts';
import type { CatalogModel, CatalogQuery } from './catalog.schemas.ts';

/** A page of the catalog, by id. */
export function listCatalogModels(query: CatalogQuery): Page<CatalogModel> {
  const { kind, preset } = query;
  const entries = catalogEntries().filter(
    (entry) =>
      (kind === undefined || entry.kinds.includes(kind)) && (preset === undefined || entry.preset === preset),
  );
  const page = textPage(entries, query, ({ id }) => id);
  return { ...page, data: page.data.map(presentEntry) };
}

function presentEntry(entry: CatalogEntry): CatalogModel {
  const { seller: _, match: __, prices, ...rest } = entry;
  return {
    ...rest,
    prices: prices.map(({ from, per_million, thresholds }) => ({
      from,
      price: formatPrice(per_million),
      price_thresholds:
        thresholds?.map((one) => ({
          above_input_tokens: one.above_input_tokens,
          price: formatPrice(one.per_million),
        })) ?? null,
    })),
  };
}
