import type { TokenClass, TokenCounts } from '@bonito/protocol';
import { isRecord } from './read-json-record.ts';
import { noteServed } from './served-as.ts';

/** The protocol's own bound; a larger figure is no count. */
const LARGEST_COUNT = 1_000_000_000_000;

/**
 * Reads the `usageMetadata` of Gemini (API and Vertex) into disjoint classes, whose sum is the provider's own total.
 *
 * - What is cached stands inside of `promptTokenCount`; the results of Google's own tools stand beside it.
 * - Thoughts stand beside `candidatesTokenCount`, unless the total says that they are a part of it.
 * - Details by modality are parts of their total: each is cut to what is left, so that a wrong detail never adds tokens.
 * - What the total holds besides was generated but not shown, and counts as reasoning.
 * - `serviceTier`, or on Vertex AI `trafficType`, says what the price hangs on besides.
 *
 * @returns undefined when there is no figure to bill by
 */
export function readGeminiUsage(usage: unknown): TokenCounts | undefined {
  if (!isRecord(usage)) return undefined;
  const prompt = count(usage.promptTokenCount);
  const candidates = count(usage.candidatesTokenCount);
  const total = count(usage.totalTokenCount);
  if (prompt === undefined && candidates === undefined && total === undefined) return undefined;
  const sent = (prompt ?? 0) + (count(usage.toolUsePromptTokenCount) ?? 0);
  if (prompt === undefined && candidates === undefined) return withoutZeros({ input: total ?? 0 });
  const shown = candidates ?? 0;
  const thoughts = count(usage.thoughtsTokenCount) ?? 0;
  const within = thoughts > 0 && thoughts <= shown && total === sent + shown;
  const summed = sent + shown + (within ? 0 : thoughts);
  const unnamed = total !== undefined && total > summed ? total - summed : 0;
  const output = within ? shown - thoughts : shown;
  const counts = withoutZeros({
    ...splitInput(usage, sent),
    ...splitOutput(usage, output),
    reasoning: thoughts + unnamed,
  });
  return noteServed(counts, usage.serviceTier ?? usage.trafficType);
}

function splitInput(usage: Readonly<Record<string, unknown>>, sent: number): TokenCounts {
  let left = sent;
  const take = (wanted: number) => {
    const taken = Math.min(Math.max(wanted, 0), left);
    left -= taken;
    return taken;
  };
  const cache_read = take(count(usage.cachedContentTokenCount) ?? 0);
  const ofCache = usage.cacheTokensDetails;
  const fresh = (modality: string) =>
    ofModality(usage.promptTokensDetails, modality) +
    ofModality(usage.toolUsePromptTokensDetails, modality) -
    ofModality(ofCache, modality);
  const audio_input = take(fresh('AUDIO'));
  const image_input = take(fresh('IMAGE'));
  return { cache_read, audio_input, image_input, input: left };
}

function splitOutput(usage: Readonly<Record<string, unknown>>, output: number): TokenCounts {
  const audio_output = Math.min(ofModality(usage.candidatesTokensDetails, 'AUDIO'), output);
  const image_output = Math.min(ofModality(usage.candidatesTokensDetails, 'IMAGE'), output - audio_output);
  return { audio_output, image_output, output: output - audio_output - image_output };
}

function ofModality(details: unknown, modality: string): number {
  if (!Array.isArray(details)) return 0;
  let sum = 0;
  for (const detail of details) {
    if (isRecord(detail) && detail.modality === modality) sum += count(detail.tokenCount) ?? 0;
  }
  return sum;
}

function count(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= LARGEST_COUNT
    ? value
    : undefined;
}

function withoutZeros(counts: TokenCounts): TokenCounts {
  const kept: TokenCounts = {};
  for (const name in counts) {
    const value = counts[name as TokenClass];
    if (value !== undefined && value > 0) kept[name as TokenClass] = value;
  }
  return kept;
}
