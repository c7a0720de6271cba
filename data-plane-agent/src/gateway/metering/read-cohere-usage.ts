import { BILLED, type ServedCounts } from '@bonito/protocol';
import { isRecord } from './read-json-record.ts';

/** The protocol's own bound; a larger figure is no count. */
const LARGEST_COUNT = 1_000_000_000_000;

/**
 * Reads `usage` of Cohere's chat, or `meta` of its other answers, into disjoint classes. `tokens` is what the model saw;
 * `billed_units` leaves out what Cohere adds itself, and stands in where `tokens` is missing: where both are there, it is what
 * costs something. `cached_tokens` are a part of the input. A rerank is billed by search units, which are no tokens.
 *
 * @returns undefined when there is no figure
 * @see https://docs.cohere.com/reference/chat
 */
export function readCohereUsage(usage: unknown): ServedCounts | undefined {
  if (!isRecord(usage)) return undefined;
  const billed = isRecord(usage.billed_units) ? usage.billed_units : {};
  const counted = isRecord(usage.tokens) ? usage.tokens : {};
  const searches = count(billed.search_units);
  if (searches !== undefined && searches > 0) return { searches };
  const input = count(counted.input_tokens) ?? count(billed.input_tokens);
  const output = count(counted.output_tokens) ?? count(billed.output_tokens);
  const image = count(billed.image_tokens);
  if (input === undefined && output === undefined && image === undefined)
    return searches === undefined ? undefined : {};
  const cached = Math.min(count(usage.cached_tokens) ?? 0, input ?? 0);
  const fresh = (input ?? 0) - cached;
  const counts: ServedCounts = {
    ...(fresh > 0 && { input: fresh }),
    ...(cached > 0 && { cache_read: cached }),
    ...(image !== undefined && image > 0 && { image_input: image }),
    ...(output !== undefined && output > 0 && { output }),
  };
  const billedInput = count(billed.input_tokens) ?? input;
  const billedOutput = count(billed.output_tokens) ?? output;
  if (billedInput !== input || billedOutput !== output)
    counts[BILLED] = { input: billedInput ?? 0, image_input: image ?? 0, output: billedOutput ?? 0 };
  return counts;
}

function count(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= LARGEST_COUNT
    ? value
    : undefined;
}
