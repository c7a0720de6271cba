import { type NanoUsd, parseUsd, type TokenClass } from '@bonito/protocol';
import type { ConditionalPrice, ModelInfo, ModelPrice, Provider } from '@pydantic/genai-prices';
import type { PriceFigures } from '../services/deployments/price.ts';
import type { CatalogPrice, CatalogTier, ListedEntry, NameMatch } from './catalog-entry.ts';

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

/** What sound costs to transcribe, in USD an hour; the list has it under two names. */
const AUDIO_HOURS = new Set(['audio_hours', 'input_audio_hours']);
const SECONDS_OF_AN_HOUR = 3_600;
/** Groq bills ten seconds at least, which a price for a second cannot say: https://console.groq.com/docs/speech-to-text */
const LEAST_DURATION = new Set(['groq']);

/** The list says of some entries that nobody found their price published. */
const WITHOUT_SOURCE = /can't find|cannot find|could not be read|trusting the original/i;
const URLS = /https:\/\/[^\s,;)]+/g;

/** All entries that have a price that can be counted and a source for it. */
export function readGenaiPrices(find: (seller: string) => Provider | undefined): ListedEntry[] {
  const entries: ListedEntry[] = [];
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
): ListedEntry | undefined {
  const comments = model.price_comments ?? '';
  const cited = [...comments.matchAll(URLS)].map(([url]) => url.replace(/[.:]+$/, ''));
  const sources = [...new Set([...cited, ...(provider.pricing_urls ?? [])])].slice(0, 3);
  if (sources.length === 0 || WITHOUT_SOURCE.test(comments)) return undefined;
  const prices = readPrices(model.prices, !LEAST_DURATION.has(seller));
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
    tiers: readTiers(seller, comments, sources),
    other_fees: otherFees(model.prices),
    sources,
  };
}

/** Undefined where a price hangs on something that a deployment's price cannot say: the time of day. */
function readPrices(prices: ModelInfo['prices'], bySecond: boolean): CatalogPrice[] | undefined {
  const result: CatalogPrice[] = [];
  for (const { constraint, prices: figures } of conditional(prices)) {
    if (constraint && constraint.type !== 'start_date') return undefined;
    const price = readPrice(figures, constraint?.start_date ?? null);
    const hour = figures.input_audio_hours;
    if (bySecond && typeof hour === 'number')
      price.per_million.audio_seconds = Math.round((nanos(hour) * 1_000_000) / SECONDS_OF_AN_HOUR);
    const { input, output, audio_seconds: seconds } = price.per_million;
    if (input === undefined && output === undefined && seconds === undefined) return undefined;
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
  return [...new Set(names)].filter((name) => !(name in CLASS_OF) && !AUDIO_HOURS.has(name)).sort();
}

/**
 * The tiers that the list's comments name for Google's models, which say it of the Gemini API. What is cached costs the same in
 * all of them.
 */
function readTiers(seller: string, comments: string, sources: string[]): CatalogTier[] {
  if (seller !== 'google') return [];
  const tier = (name: string, permille: number): CatalogTier => ({
    tier: name,
    kinds: ['gemini'],
    price: { permille, except: ['cache_read'] },
    sources: sources.slice(0, 1),
  });
  const halves = /\bBatch (API|and Flex tiers) offers? 50% discount/.exec(comments)?.[1];
  const priority = /\bPriority tier is (\d(?:\.\d)?)x/.exec(comments)?.[1];
  return [
    ...(halves === undefined ? [] : [tier('batch', 500)]),
    ...(halves === 'and Flex tiers' ? [tier('flex', 500)] : []),
    ...(priority === undefined ? [] : [tier('priority', Math.round(Number(priority) * 1_000))]),
  ];
}
