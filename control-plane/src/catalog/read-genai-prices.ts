import { type NanoUsd, parseUsd, type TokenClass } from '@bonito/protocol';
import type { ConditionalPrice, ModelInfo, ModelPrice, Provider } from '@pydantic/genai-prices';
import type { PriceFigures } from '../services/deployments/price.ts';
import type { CatalogEntry, CatalogPrice, NameMatch } from './catalog-entry.ts';

/** Who sells models in the list, and which of our providers buy there. */
const SELLERS: readonly { seller: string; kinds: string[]; preset?: string }[] = [
  { seller: 'openai', kinds: ['openai'] },
  { seller: 'anthropic', kinds: ['anthropic'] },
  { seller: 'google', kinds: ['gemini', 'vertex'] },
  { seller: 'aws', kinds: ['bedrock'] },
  { seller: 'azure', kinds: ['azure-openai'] },
  { seller: 'cohere', kinds: ['cohere'] },
  { seller: 'mistral', kinds: ['openai-compatible'], preset: 'mistral' },
  { seller: 'groq', kinds: ['openai-compatible'], preset: 'groq' },
  { seller: 'together', kinds: ['openai-compatible'], preset: 'together' },
  { seller: 'deepseek', kinds: ['openai-compatible'], preset: 'deepseek' },
  { seller: 'x-ai', kinds: ['openai-compatible'], preset: 'xai' },
  { seller: 'openrouter', kinds: ['openai-compatible'], preset: 'openrouter' },
  { seller: 'fireworks', kinds: ['openai-compatible'], preset: 'fireworks' },
  { seller: 'perplexity', kinds: ['openai-compatible'], preset: 'perplexity' },
  { seller: 'cerebras', kinds: ['openai-compatible'], preset: 'cerebras' },
];

const CLASS_OF: Readonly<Record<string, TokenClass>> = {
  input_mtok: 'input',
  cache_read_mtok: 'cache_read',
  cache_write_mtok: 'cache_write',
  cache_write_1h_mtok: 'cache_write_1h',
  input_audio_mtok: 'audio_input',
  input_image_mtok: 'image_input',
  output_mtok: 'output',
  output_audio_mtok: 'audio_output',
  output_image_mtok: 'image_output',
};

/** The list says of some entries that nobody found their price published. */
const WITHOUT_SOURCE = /can't find|cannot find|could not be read|trusting the original/i;
const URLS = /https:\/\/[^\s,;)]+/g;

/** All entries that have a price per token and a source for it. */
export function readGenaiPrices(find: (seller: string) => Provider | undefined): CatalogEntry[] {
  const entries: CatalogEntry[] = [];
  for (const row of SELLERS) {
    const provider = find(row.seller);
    if (!provider) throw new Error(`the price list has no provider ${row.seller}`);
    for (const model of provider.models) {
      const entry = readModel(row, provider, model);
      if (entry) entries.push(entry);
    }
  }
  return entries;
}

function readModel(
  { seller, kinds, preset }: (typeof SELLERS)[number],
  provider: Provider,
  model: ModelInfo,
): CatalogEntry | undefined {
  const comments = model.price_comments ?? '';
  const cited = [...comments.matchAll(URLS)].map(([url]) => url.replace(/[.:]+$/, ''));
  const sources = [...new Set([...cited, ...(provider.pricing_urls ?? [])])].slice(0, 3);
  if (sources.length === 0 || WITHOUT_SOURCE.test(comments)) return undefined;
  const prices = readPrices(model.prices);
  if (!prices) return undefined;
  return {
    id: `${seller}/${model.id}`,
    seller,
    model: model.id,
    name: model.name ?? null,
    // Partners' models are sold at Google's cloud only.
    kinds:
      seller === 'google' && !/^(gemini|imagen|text-embedding|gemma)/.test(model.id) ? ['vertex'] : kinds,
    preset: preset ?? null,
    match: model.match as NameMatch,
    context_window: model.context_window ?? null,
    deprecated: model.deprecated ?? false,
    prices,
    other_fees: otherFees(model.prices),
    sources,
  };
}

/** Undefined where a price hangs on something that a deployment's price cannot say: the time of day. */
function readPrices(prices: ModelInfo['prices']): CatalogPrice[] | undefined {
  const result: CatalogPrice[] = [];
  for (const { constraint, prices: figures } of conditional(prices)) {
    if (constraint && constraint.type !== 'start_date') return undefined;
    const price = readPrice(figures, constraint?.start_date ?? null);
    if (price.per_million.input === undefined && price.per_million.output === undefined) return undefined;
    result.push(price);
  }
  return result;
}

function conditional(prices: ModelInfo['prices']): ConditionalPrice[] {
  return Array.isArray(prices) ? prices : [{ prices }];
}

function readPrice(figures: ModelPrice, from: string | null): CatalogPrice {
  const base = figuresAbove(figures, 0);
  const starts = Object.entries(figures).flatMap(([key, value]) =>
    key in CLASS_OF && typeof value === 'object' ? value.tiers.map((tier) => tier.start) : [],
  );
  const thresholds = [...new Set(starts)]
    .sort((a, b) => a - b)
    .map((start) => ({ above_input_tokens: start, per_million: figuresAbove(figures, start) }));
  return { from, per_million: base, ...(thresholds.length > 0 && { thresholds }) };
}

/** The figures that hold for requests with more than so many tokens of input. */
function figuresAbove(figures: ModelPrice, start: number): PriceFigures {
  const result: PriceFigures = {};
  for (const [key, name] of Object.entries(CLASS_OF)) {
    const value = figures[key];
    if (value === undefined) continue;
    result[name] = nanos(
      typeof value === 'number'
        ? value
        : (value.tiers.findLast((tier) => start > 0 && tier.start <= start)?.price ?? value.base),
    );
  }
  return result;
}

/** USD as a floating-point number, as the list has it. */
function nanos(usd: number): NanoUsd {
  return parseUsd(usd.toFixed(9));
}

function otherFees(prices: ModelInfo['prices']): string[] {
  const names = conditional(prices).flatMap((one) => Object.keys(one.prices));
  return [...new Set(names)].filter((name) => !(name in CLASS_OF)).sort();
}
