import { parseUsd } from '@bonito/protocol';
import type { CatalogTier, CatalogUplift, ListedEntry } from './catalog-entry.ts';

const FLEX = 'https://platform.openai.com/docs/guides/flex-processing';
const BATCH = 'https://platform.openai.com/docs/guides/batch';
const PRIORITY = 'https://openai.com/api-priority-processing/';
const OPENAI_RESIDENCY = 'https://developers.openai.com/api/docs/guides/data-residency';
const CLAUDE_PRICING = 'https://platform.claude.com/docs/en/about-claude/pricing';
const CLAUDE_RESIDENCY = 'https://platform.claude.com/docs/en/manage-claude/data-residency';

/** OpenAI's priority processing: input, cached input, output, in USD for a million tokens. Short requests only. */
const PRIORITY_PRICES: Readonly<Record<string, readonly [string, string, string]>> = {
  'gpt-5.5': ['12.50', '1.25', '75'],
  'gpt-5.4-mini': ['1.50', '0.15', '9'],
  'gpt-5.4': ['5', '0.50', '30'],
  'gpt-5.2': ['3.50', '0.35', '28'],
  'gpt-5.1': ['2.50', '0.25', '20'],
  'gpt-5': ['2.50', '0.25', '20'],
  'gpt-5-mini': ['0.45', '0.045', '3.60'],
  'gpt-4.1': ['3.50', '0.875', '14'],
};

/** OpenAI's models that work under flex, whose tokens cost what batches do: half. */
const FLEX_MODELS = /^(?:gpt-[56]|o3$|o4-mini$)/;
/** Those released since March 2026, which cost more where the data stays in a region. */
const REGIONAL_OPENAI = /^gpt-(?:5\.[4-9]|6)/;
/** The Claude models that `inference_geo` exists for, and those whose regional endpoints cost more. */
const CLAUDE_SINCE_46 = /^claude-(?:opus-4-[6-9]|opus-5|sonnet-4-[6-9]|sonnet-5|fable-)/;
const CLAUDE_SINCE_45 = /^claude-(?:opus-4-[5-9]|opus-5|sonnet-4-[5-9]|sonnet-5|haiku-4-5|fable-)/;

/** The tiers of a model that have a published price of their own, besides those that the price list itself names. */
export function tiersOf({ seller, model, kinds }: ListedEntry): CatalogTier[] {
  if (seller === 'anthropic')
    return [{ tier: 'batch', kinds, price: { permille: 500 }, sources: [CLAUDE_PRICING] }];
  if (
    seller !== 'openai' ||
    !/^(?:gpt-[456]|o1|o3|o4)/.test(model) ||
    /audio|realtime|image|tts|transcribe/.test(model)
  )
    return [];
  const tiers: CatalogTier[] = [{ tier: 'batch', kinds, price: { permille: 500 }, sources: [BATCH] }];
  if (FLEX_MODELS.test(model)) tiers.push({ tier: 'flex', kinds, price: { permille: 500 }, sources: [FLEX] });
  const figures = PRIORITY_PRICES[model];
  if (figures) {
    const [input, cache_read, output] = figures.map(parseUsd);
    const per_million = {
      ...(input !== undefined && { input }),
      ...(cache_read !== undefined && { cache_read }),
    };
    tiers.push({
      tier: 'priority',
      kinds,
      price: { per_million: { ...per_million, ...(output !== undefined && { output }) } },
      sources: [PRIORITY],
    });
  }
  return tiers;
}

/** Surcharges for where a model runs. On Bedrock regional models are entries of their own. */
export function upliftsOf({ seller, model }: ListedEntry): CatalogUplift[] {
  if (seller === 'anthropic' && CLAUDE_SINCE_46.test(model))
    return [
      { kinds: ['anthropic'], when: { geography: 'us' }, permille: 1_100, sources: [CLAUDE_RESIDENCY] },
    ];
  const regional = (kind: string, source: string): CatalogUplift[] => [
    { kinds: [kind], when: 'regional_endpoint', permille: 1_100, sources: [source] },
  ];
  if (seller === 'google' && CLAUDE_SINCE_45.test(model)) return regional('vertex', CLAUDE_PRICING);
  if (seller === 'openai' && REGIONAL_OPENAI.test(model)) return regional('openai', OPENAI_RESIDENCY);
  return [];
}
