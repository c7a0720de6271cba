import type { TokenCounts } from '@bonito/protocol';
import { isRecord } from './read-json-record.ts';

/** The protocol's own bound; a larger figure is no count. */
const LARGEST_COUNT = 1_000_000_000_000;

/**
 * Reads `usage` of Cohere's chat, or `meta` of its other answers, into disjoint classes. `tokens` is what the model saw;
 * `billed_units` leaves out what Cohere adds itself, and stands in where `tokens` is missing. `cached_tokens` are a part of
 * the input. A rerank is billed by search units, which are no tokens.
 *
 * @returns undefined when there is no figure
 * @see https://docs.cohere.com/reference/chat
 */
export function readCohereUsage(usage: unknown): TokenCounts | undefined {
  if (!isRecord(usage)) return undefined;
  const billed = isRecord(usage.billed_units) ? usage.billed_units : {};
  const counted = isRecord(usage.tokens) ? usage.tokens : {};
  const input = count(counted.input_tokens) ?? count(billed.input_tokens);
  const output = count(counted.output_tokens) ?? count(billed.output_tokens);
  const image = count(billed.image_tokens);
  if (input === undefined && output === undefined && image === undefined) {
    const searches = count(billed.search_units);
    return searches === undefined ? undefined : { ...(searches > 0 && { searches }) };
  }
  const cached = Math.min(count(usage.cached_tokens) ?? 0, input ?? 0);
  const fresh = (input ?? 0) - cached;
  return {
    ...(fresh > 0 && { input: fresh }),
    ...(cached > 0 && { cache_read: cached }),
    ...(image !== undefined && image > 0 && { image_input: image }),
    ...(output !== undefined && output > 0 && { output }),
  };
}

function count(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= LARGEST_COUNT
    ? value
    : undefined;
}
