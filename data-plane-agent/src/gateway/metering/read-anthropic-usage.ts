import type { TokenClass, TokenCounts } from '@bonito/protocol';
import { isRecord } from './read-json-record.ts';
import { noteServed } from './served-as.ts';

/** The protocol's own bound; a larger figure is no count. */
const LARGEST_COUNT = 1_000_000_000_000;

/**
 * Reads Anthropic's `usage` into disjoint classes (its API reference, "Usage").
 *
 * - `input_tokens` is what was neither read from a cache nor written to one.
 * - `cache_creation` divides `cache_creation_input_tokens` into five minutes and one hour. The end of a stream does not say
 *   it again: there its `iterations` do.
 * - `output_tokens_details.thinking_tokens` is a part of `output_tokens`.
 * - `iterations` lists the samplings of the request. Those that made a summary of the conversation are billed besides, and
 *   are in no other figure ("Compaction", "Understanding usage"). Those of an advisor are another model's.
 * - `service_tier`, `speed` and `inference_geo` say what the price hangs on besides.
 * - Figures of a stream are cumulative, and null where they do not change: `before` fills them in.
 *
 * @param before what an earlier event of the same stream said
 * @returns undefined when there is no figure to bill by
 */
export function readAnthropicUsage(usage: unknown, before?: unknown): TokenCounts | undefined {
  const merged = mergeAnthropicUsage(usage, before);
  const counts = readFigures(merged);
  if (!counts) return undefined;
  const iterations: unknown[] = Array.isArray(merged.iterations) ? merged.iterations : [];
  for (const iteration of iterations) {
    if (isRecord(iteration) && iteration.type === 'compaction') addTo(counts, readFigures(iteration) ?? {});
  }
  const tier = merged.speed === 'fast' ? 'fast' : merged.service_tier;
  return noteServed(withoutZeros(counts), tier, merged.inference_geo);
}

function readFigures(usage: Readonly<Record<string, unknown>>): TokenCounts | undefined {
  const input = count(usage.input_tokens);
  const output = count(usage.output_tokens);
  if (input === undefined && output === undefined) return undefined;
  const written = count(usage.cache_creation_input_tokens);
  const { hour, fiveMinutes } = dividedWrites(usage, written);
  const details = isRecord(usage.output_tokens_details) ? usage.output_tokens_details : {};
  const thinking = Math.min(count(details.thinking_tokens) ?? 0, output ?? 0);
  const wholeHour = written === undefined ? hour : Math.min(hour, written);
  return {
    input: input ?? 0,
    cache_read: count(usage.cache_read_input_tokens) ?? 0,
    cache_write: written === undefined ? fiveMinutes : written - wholeHour,
    cache_write_1h: wholeHour,
    output: (output ?? 0) - thinking,
    reasoning: thinking,
  };
}

interface Writes {
  readonly hour: number;
  readonly fiveMinutes: number;
}

/** How long what was written to a cache lives, by what divides all of it. */
function dividedWrites(usage: Readonly<Record<string, unknown>>, written: number | undefined): Writes {
  const own = writesOf(usage);
  if (written === undefined || own.hour + own.fiveMinutes >= written || !Array.isArray(usage.iterations))
    return own;
  const all = { hour: 0, fiveMinutes: 0 };
  for (const iteration of usage.iterations) {
    if (!isRecord(iteration) || !OF_THE_ANSWER.has(iteration.type)) continue;
    const { hour, fiveMinutes } = writesOf(iteration);
    all.hour += hour;
    all.fiveMinutes += fiveMinutes;
  }
  return all.hour + all.fiveMinutes === written ? all : own;
}

/** Samplings that the other figures are the sum of. */
const OF_THE_ANSWER: ReadonlySet<unknown> = new Set(['message', 'fallback_message']);

function writesOf({ cache_creation: given }: Readonly<Record<string, unknown>>): Writes {
  const creation = isRecord(given) ? given : {};
  return {
    hour: count(creation.ephemeral_1h_input_tokens) ?? 0,
    fiveMinutes: count(creation.ephemeral_5m_input_tokens) ?? 0,
  };
}

function addTo(counts: TokenCounts, more: TokenCounts): void {
  for (const name in more) {
    const tokens = name as TokenClass;
    counts[tokens] = (counts[tokens] ?? 0) + (more[tokens] ?? 0);
  }
}

/** The later figures over the earlier ones; null and absent ones leave what was there. */
export function mergeAnthropicUsage(usage: unknown, before: unknown): Readonly<Record<string, unknown>> {
  const earlier = isRecord(before) ? before : {};
  if (!isRecord(usage)) return earlier;
  const merged: Record<string, unknown> = { ...earlier };
  for (const [name, value] of Object.entries(usage))
    if (value !== null && value !== undefined) merged[name] = value;
  return merged;
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
