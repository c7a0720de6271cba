import type { TokenCounts } from '@bonito/protocol';

/** What is known of an attempt whose provider gave no figures. */
export interface ObservedSizes {
  /** Of the request's body. */
  readonly inputBytes: number;
  /** Of the answer: its body, or the data of its events together. */
  readonly outputBytes: number;
  /** Events that carried content; 0 for an answer that was not streamed. */
  readonly outputEvents: number;
  /** Data bytes of the smallest of those events: what the frame around one token weighs. */
  readonly smallestEventBytes: number;
}

const BYTES_PER_TOKEN = 4;

/**
 * Estimates tokens from sizes, for records marked `estimated`. The rule, which is public because it is billed by:
 *
 * - input: one token for each 4 bytes of the request's body, rounded up. JSON around the text makes it a little high for
 *   short prompts, and base64 content much too high.
 * - output, streamed: one token for each event; more where events are large: (bytes − events × the smallest event's
 *   bytes) / 4, rounded up, if that is more.
 * - output, not streamed: one token for each 4 bytes, rounded up.
 */
export function estimateTokens(sizes: ObservedSizes): TokenCounts {
  const { inputBytes, outputBytes, outputEvents, smallestEventBytes } = sizes;
  const text = Math.max(outputBytes - outputEvents * smallestEventBytes, 0);
  const input = Math.ceil(inputBytes / BYTES_PER_TOKEN);
  const output = Math.max(outputEvents, Math.ceil(text / BYTES_PER_TOKEN));
  return { ...(input > 0 && { input }), ...(output > 0 && { output }) };
}
