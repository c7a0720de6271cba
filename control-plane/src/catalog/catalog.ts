import { CATALOG_LINES } from './catalog-data.ts';
import type { CatalogEntry, CatalogPrice, NameMatch } from './catalog-entry.ts';

let entries: readonly CatalogEntry[] | undefined;

/** Every entry, by id. Read when it is first asked for. */
export function catalogEntries(): readonly CatalogEntry[] {
  entries ??= CATALOG_LINES.trim()
    .split('\n')
    .map((line): CatalogEntry => JSON.parse(line))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  return entries;
}

/** The provider that a model is called through, as far as prices hang on it. */
export interface Seller {
  kind: string;
  preset: string | null;
}

/**
 * The entry for what a provider calls a model; undefined where there is none. Azure's deployments have the names that
 * their owner gave them, which say nothing of the model, so there never is one.
 */
export function findCatalogEntry(seller: Seller, upstreamModel: string): CatalogEntry | undefined {
  if (seller.kind === 'azure-openai') return undefined;
  const name = upstreamModel.trim().toLowerCase();
  const sold = catalogEntries().filter((entry) => sells(entry, seller));
  // A name that stands in the list says more than one that a pattern fits.
  return sold.find((entry) => entry.model === name) ?? sold.find((entry) => matches(entry.match, name));
}

/** The price that is in force; the list is in the order in which prices began. */
export function priceOn(entry: CatalogEntry, now: number): CatalogPrice | undefined {
  return entry.prices.findLast(({ from }) => from === null || Date.parse(from) <= now);
}

function sells(entry: CatalogEntry, { kind, preset }: Seller): boolean {
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
