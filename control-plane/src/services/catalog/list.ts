import { catalogEntries } from '../../catalog/catalog.ts';
import type { CatalogEntry } from '../../catalog/catalog-entry.ts';
import { presentThresholds } from '../deployments/present-deployment.ts';
import { formatPrice } from '../deployments/price.ts';
import type { Page } from '../lists/page.ts';
import { textPage } from '../lists/text-page.ts';
import type { CatalogModel, CatalogQuery } from './catalog.schemas.ts';

/** A page of the catalog, by id. */
export function listCatalogModels(query: CatalogQuery): Page<CatalogModel> {
  const { kind, preset, capability } = query;
  const entries = catalogEntries().filter(
    (entry) =>
      (kind === undefined || entry.kinds.includes(kind)) &&
      (preset === undefined || entry.preset === preset) &&
      (capability === undefined || entry.capabilities?.names.includes(capability) === true),
  );
  const page = textPage(entries, query, ({ id }) => id);
  return { ...page, data: page.data.map(presentEntry) };
}

function presentEntry(entry: CatalogEntry): CatalogModel {
  const { seller: _, match: __, prices, tiers, uplifts, ...rest } = entry;
  return {
    ...rest,
    prices: prices.map(({ from, per_million, thresholds }) => ({
      from,
      price: formatPrice(per_million),
      price_thresholds: presentThresholds(thresholds),
    })),
    service_tiers: tiers.map(({ tier, kinds, price, sources }) => ({
      ...{ tier, kinds, sources },
      times: 'permille' in price ? price.permille / 1_000 : null,
      except: 'permille' in price ? [...(price.except ?? [])] : [],
      price: 'permille' in price ? null : formatPrice(price.per_million),
    })),
    uplifts: uplifts.map(({ kinds, when, permille, sources }) => ({
      ...{ kinds, sources, times: permille / 1_000 },
      when: typeof when === 'object' ? ('geography' as const) : when,
      geography: typeof when === 'object' ? when.geography : null,
    })),
  };
}
