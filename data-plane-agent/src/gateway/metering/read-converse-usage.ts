import type { TokenClass, TokenCounts } from '@bonito/protocol';
import { isRecord } from './read-json-record.ts';
import { noteServed } from './served-as.ts';

/** The protocol's own bound; a larger figure is no count. */
const LARGEST_COUNT = 1_000_000_000_000;

/**
 * Reads the `usage` of Bedrock's Converse (TokenUsage in its API reference) into disjoint classes, whose sum is the
 * provider's own total.
 *
 * - `inputTokens` is what was neither read from a cache nor written to one; `totalTokens` is all of it. Where the total is
 *   input and output alone though a cache was used, the cached tokens are a part of the input.
 * - `cacheDetails` says how the written tokens divide into five minutes and one hour.
 * - Reasoning is a part of `outputTokens` that Bedrock does not name, so it counts as output.
 *
 * @returns undefined when there is no figure to bill by
 */
export function readConverseUsage(usage: unknown): TokenCounts | undefined {
  if (!isRecord(usage)) return undefined;
  const input = count(usage.inputTokens);
  const output = count(usage.outputTokens);
  const total = count(usage.totalTokens);
  if (input === undefined && output === undefined) {
    return total === undefined ? undefined : withoutZeros({ input: total });
  }
  const read = count(usage.cacheReadInputTokens) ?? 0;
  const written = count(usage.cacheWriteInputTokens) ?? 0;
  const cached = read + written;
  const within = cached <= (input ?? 0) && total === (input ?? 0) + (output ?? 0);
  const hour = Math.min(hourTokens(usage.cacheDetails), written);
  return withoutZeros({
    input: (input ?? 0) - (within ? cached : 0),
    cache_read: read,
    cache_write: written - hour,
    cache_write_1h: hour,
    output: output ?? 0,
  });
}

/**
 * Reads the figures that Bedrock adds to any model's answer: `amazon-bedrock-invocationMetrics` in the last piece of a
 * stream.
 */
export function readInvocationMetrics(metrics: unknown): TokenCounts | undefined {
  if (!isRecord(metrics)) return undefined;
  return figures(
    metrics.inputTokenCount,
    metrics.outputTokenCount,
    metrics.cacheReadInputTokenCount,
    metrics.cacheWriteInputTokenCount,
  );
}

/**
 * Reads the figures that Bedrock puts into the headers of InvokeModel's answer.
 *
 * @param headers names in lower case
 */
export function readInvocationHeaders(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): TokenCounts | undefined {
  const counts = figures(
    numberOf(headers['x-amzn-bedrock-input-token-count']),
    numberOf(headers['x-amzn-bedrock-output-token-count']),
    numberOf(headers['x-amzn-bedrock-cache-read-input-token-count']),
    numberOf(headers['x-amzn-bedrock-cache-write-input-token-count']),
  );
  return noteServed(counts, headers['x-amzn-bedrock-service-tier']);
}

function figures(input: unknown, output: unknown, read: unknown, written: unknown): TokenCounts | undefined {
  const counts = {
    input: count(input),
    output: count(output),
    cache_read: count(read),
    cache_write: count(written),
  };
  return counts.input === undefined && counts.output === undefined ? undefined : withoutZeros(counts);
}

function hourTokens(details: unknown): number {
  if (!Array.isArray(details)) return 0;
  let sum = 0;
  for (const detail of details)
    if (isRecord(detail) && detail.ttl === '1h') sum += count(detail.inputTokens) ?? 0;
  return sum;
}

function numberOf(value: string | string[] | undefined): number | undefined {
  return typeof value === 'string' && value !== '' ? Number(value) : undefined;
}

function count(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= LARGEST_COUNT
    ? value
    : undefined;
}

function withoutZeros(counts: { [Class in TokenClass]?: number | undefined }): TokenCounts {
  const kept: TokenCounts = {};
  for (const name in counts) {
    const value = counts[name as TokenClass];
    if (value !== undefined && value > 0) kept[name as TokenClass] = value;
  }
  return kept;
}
