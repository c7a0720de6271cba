import { USAGE_CLASSES } from '@bonito/protocol';
import type { PriceFigures } from '../services/deployments/price.ts';
import { priceOn, type Seller } from './catalog.ts';
import type { CatalogEntry, CatalogTier } from './catalog-entry.ts';

/** Figures, and those for long requests. */
export interface FigureList {
  per_million: PriceFigures;
  thresholds: { above_input_tokens: number; per_million: PriceFigures }[] | null;
}

/** What a provider asks for a model: its standard figures, and those of tiers and geographies. */
export interface SoldPrice extends FigureList {
  /** Null: the seller has no tiers, so that there is one price. */
  variants: (FigureList & { tier?: string; geography?: string })[] | null;
}

/** Kinds whose requests can be served under tiers; a tier without a published price has an unknown one there. */
const TIERED_KINDS: ReadonlySet<string> = new Set(['openai', 'anthropic', 'bedrock', 'gemini', 'vertex']);

/**
 * What an entry costs at a provider on a day: the surcharge of its place included, each tier and each geography apart.
 *
 * @param now milliseconds since 1970
 * @returns undefined before the first price begins
 */
export function soldPrice(entry: CatalogEntry, seller: Seller, now: number): SoldPrice | undefined {
  const price = priceOn(entry, now);
  if (!price) return undefined;
  const { per_million, thresholds = null } = price;
  const kind = kindOf(seller);
  const uplifts = entry.uplifts.filter(({ kinds }) => kinds.includes(kind));
  const regional = uplifts.find(({ when }) => when === 'regional_endpoint');
  const place = regional && isRegional(seller) ? regional.permille : 1_000;
  const standard = scaled({ per_million, thresholds }, place);
  if (!TIERED_KINDS.has(kind)) return { ...standard, variants: null };

  const tiers = entry.tiers
    .filter(({ kinds }) => kinds.includes(kind))
    .map((tier) => ({ tier: tier.tier, ...scaled(tierList(tier, { per_million, thresholds }), place) }));
  const geographies = uplifts.flatMap(({ when, permille }) =>
    typeof when === 'object' ? [{ geography: when.geography, permille }] : [],
  );
  const abroad = geographies.flatMap(({ geography, permille }) =>
    [standard, ...tiers].map((list) => ({ ...list, geography, ...scaled(list, permille) })),
  );
  return { ...standard, variants: [...tiers, ...abroad] };
}

/** OpenAI's own API may be configured as a server that speaks it. */
function kindOf({ kind, preset }: Seller): string {
  return kind === 'openai-compatible' && preset === 'openai' ? 'openai' : kind;
}

/**
 * Whether a provider's address is bound to a region: `eu.api.openai.com`; at Google Cloud all but `global`, its multi-regions
 * `us` and `eu` included.
 */
function isRegional({ kind, region, base_url }: Seller): boolean {
  const host = URL.parse(base_url)?.hostname ?? '';
  if (kind === 'vertex') return region === null ? host !== 'aiplatform.googleapis.com' : region !== 'global';
  return /^[a-z]{2}\.api\.openai\.com$/.test(host);
}

/** Figures of their own are for short requests: nothing is known of what long ones cost under the tier. */
function tierList({ price }: CatalogTier, standard: FigureList): FigureList {
  if ('permille' in price) return scaled(standard, price.permille, price.except);
  const [first] = standard.thresholds ?? [];
  const unknown = first && [{ above_input_tokens: first.above_input_tokens, per_million: {} }];
  return { per_million: price.per_million, thresholds: unknown ?? null };
}

function scaled(list: FigureList, permille: number, except: readonly string[] = []): FigureList {
  const scale = (figures: PriceFigures): PriceFigures => {
    const result: PriceFigures = {};
    for (const name of USAGE_CLASSES) {
      const figure = figures[name];
      if (figure !== undefined)
        result[name] = except.includes(name) ? figure : Math.round((figure * permille) / 1_000);
    }
    return result;
  };
  return {
    per_million: scale(list.per_million),
    thresholds: list.thresholds?.map((one) => ({ ...one, per_million: scale(one.per_million) })) ?? null,
  };
}
