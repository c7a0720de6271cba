import type { TokenCounts } from '@bonito/protocol';

const BYTES_PER_TOKEN = 4;
/** How much the JSON around one token may differ from event to event: a role, a finish reason, escapes. */
const FRAME_BYTES = 64;

/**
 * Estimates tokens from sizes, for records marked `estimated`. The rule, which is public because it is billed by: one token
 * for each 4 bytes of the request's body, and of an answer in one piece, rounded up; for a stream what `estimateEvent` says of
 * each event. JSON around the text makes it a little high for short prompts, and base64 content much too high.
 *
 * @param outputTokens as estimated by `estimateBytes` or `estimateEvent`
 */
export function estimateTokens(inputBytes: number, outputTokens: number): TokenCounts {
  const input = estimateBytes(inputBytes);
  return { ...(input > 0 && { input }), ...(outputTokens > 0 && { output: outputTokens }) };
}

/** Of an answer in one piece, or a request. */
export function estimateBytes(bytes: number): number {
  return Math.ceil(bytes / BYTES_PER_TOKEN);
}

/**
 * Of one event of a stream: one token, as servers send them, or more where it is clearly larger than the smallest one.
 *
 * @param smallestBytes of the events before it: what the frame around one token weighs
 */
export function estimateEvent(bytes: number, smallestBytes: number): number {
  return Math.max(1, estimateBytes(bytes - smallestBytes - FRAME_BYTES));
}
