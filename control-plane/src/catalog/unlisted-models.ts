import { parseUsd } from '@bonito/protocol';
import type { ListedEntry } from './catalog-entry.ts';

/** Models that the price list does not have, since it counts tokens alone. Each with the page of its price. */
export const UNLISTED_MODELS: readonly ListedEntry[] = [
  speech('tts-1', 'TTS-1', '15'),
  speech('tts-1-hd', 'TTS-1 HD', '30'),
];

/** OpenAI's speech that is paid by the character. @param usd for a million characters */
function speech(model: string, name: string, usd: string): ListedEntry {
  return {
    id: `openai/${model}`,
    ...{ seller: 'openai', model, name, kinds: ['openai'], preset: null },
    match: { or: [{ equals: model }, { equals: `${model}-1106` }] },
    ...{ context_window: null, deprecated: false },
    prices: [{ from: null, per_million: { characters: parseUsd(usd) } }],
    ...{ tiers: [], other_fees: [] },
    sources: [`https://developers.openai.com/api/docs/models/${model}`],
  };
}
