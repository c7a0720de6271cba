import { CATALOG_LINES, CATALOG_EDITION as LIST_EDITION } from './catalog-data.ts';
import type { CatalogEntry, CatalogPrice, ListedEntry, NameMatch } from './catalog-entry.ts';
import { capabilitiesOf } from './model-capabilities.ts';
import { tiersOf, upliftsOf } from './tiers-and-uplifts.ts';
import { UNLISTED_MODELS } from './unlisted-models.ts';

/** Raised by hand with every change of what stands beside the list: capabilities, tiers, uplifts, unlisted models. */
const FACTS_EDITION = '001';

/**
 * Which catalog this is; a later one sorts behind. Of two releases that run at once, only the later one changes prices that come
 * from the catalog.
 */
export const CATALOG_EDITION = `${LIST_EDITION}.${FACTS_EDITION}`;

let entries: readonly CatalogEntry[] | undefined;

/** Every entry, by id. Read when it is first asked for. */
export function catalogEntries(): readonly CatalogEntry[] {
  entries ??= [
    ...CATALOG_LINES.trim()
      .split('\n')
      .map((line): ListedEntry => JSON.parse(line)),
    ...UNLISTED_MODELS,
  ]
    .map(
      (listed): CatalogEntry => ({
        ...listed,
        capabilities: capabilitiesOf(listed.seller, listed.model),
        tiers: [...listed.tiers, ...tiersOf(listed)],
        uplifts: upliftsOf(listed),
      }),
    )
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  return entries;
}

/** The provider that a model is called through, as far as prices hang on it. */
export interface Seller {
  kind: string;
  preset: string | null;
  region: string | null;
  base_url: string;
}

/**
 * The entry for what a provider calls a model; undefined where there is none. Azure's deployments have the names that
 * their owner gave them, which say nothing of the model, so there never is one: it has to be named.
 */
export function findCatalogEntry(
  seller: Pick<Seller, 'kind' | 'preset'>,
  upstreamModel: string,
): CatalogEntry | undefined {
  if (seller.kind === 'azure-openai') return undefined;
  const name = upstreamModel.trim().toLowerCase();
  const sold = catalogEntries().filter((entry) => isSoldBy(entry, seller));
  // A name that stands in the list says more than one that a pattern fits.
  return sold.find((entry) => entry.model === name) ?? sold.find((entry) => matches(entry.match, name));
}

/** The entry of an id; undefined where there is none. */
export function catalogEntry(id: string): CatalogEntry | undefined {
  return catalogEntries().find((entry) => entry.id === id);
}

/** The price that is in force; the list is in the order in which prices began. */
export function priceOn(entry: CatalogEntry, now: number): CatalogPrice | undefined {
  return entry.prices.findLast(({ from }) => from === null || Date.parse(from) <= now);
}

/** Whether an entry's price is that of what a provider sells. */
export function isSoldBy(entry: CatalogEntry, { kind, preset }: Pick<Seller, 'kind' | 'preset'>): boolean {
  if (entry.kinds.includes(kind)) return entry.preset === null || entry.preset === preset;
  return kind === 'openai-compatible' && preset === 'openai' && entry.kinds.includes('openai');
}

function matches(match: NameMatch, name: string): boolean {
  if ('equals' in match) return name === match.equals;
  if ('starts_with' in match) return name.startsWith(match.starts_with);
  if ('ends_with' in match) return name.endsWith(match.ends_with);
  if ('contains' in match) return name.includes(match.contains);
  if ('regex' in match) return new RegExp(match.regex).test(name);
  if ('or' in match) return match.or.some((one) => matches(one, name));
  return match.and.every((one) => matches(one, name));
}
