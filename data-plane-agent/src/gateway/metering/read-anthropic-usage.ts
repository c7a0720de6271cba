import type { TokenClass, TokenCounts } from '@bonito/protocol';
import { isRecord } from './read-json-record.ts';

/** The protocol's own bound; a larger figure is no count. */
const LARGEST_COUNT = 1_000_000_000_000;

/**
 * Reads Anthropic's `usage` into disjoint classes (its API reference, "Usage").
 *
 * - `input_tokens` is what was neither read from a cache nor written to one.
 * - `cache_creation` divides `cache_creation_input_tokens` into five minutes and one hour.
 * - `output_tokens_details.thinking_tokens` is a part of `output_tokens`.
 * - Figures of a stream are cumulative, and null where they do not change: `before` fills them in.
 *
 * @param before what an earlier event of the same stream said
 * @returns undefined when there is no figure to bill by
 */
export function readAnthropicUsage(usage: unknown, before?: unknown): TokenCounts | undefined {
  const merged = mergeAnthropicUsage(usage, before);
  const input = count(merged.input_tokens);
  const output = count(merged.output_tokens);
  if (input === undefined && output === undefined) return undefined;
  const written = count(merged.cache_creation_input_tokens);
  const creation = isRecord(merged.cache_creation) ? merged.cache_creation : {};
  const hour = count(creation.ephemeral_1h_input_tokens) ?? 0;
  const fiveMinutes = count(creation.ephemeral_5m_input_tokens) ?? 0;
  const details = isRecord(merged.output_tokens_details) ? merged.output_tokens_details : {};
  const thinking = Math.min(count(details.thinking_tokens) ?? 0, output ?? 0);
  const wholeHour = written === undefined ? hour : Math.min(hour, written);
  return withoutZeros({
    input: input ?? 0,
    cache_read: count(merged.cache_read_input_tokens) ?? 0,
    cache_write: written === undefined ? fiveMinutes : written - wholeHour,
    cache_write_1h: wholeHour,
    output: (output ?? 0) - thinking,
    reasoning: thinking,
  });
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
