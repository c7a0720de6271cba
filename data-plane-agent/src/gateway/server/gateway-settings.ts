/** How the gateway behaves. The process's settings fill it; what they leave out takes `DEFAULT_GATEWAY_SETTINGS`. */
export interface GatewaySettings {
  /** Largest request body, before and after decompression, in bytes. */
  readonly bodyLimitBytes: number;
  /** All bodies that may be held in memory at once, requests and answers together, in bytes. */
  readonly bufferBudgetBytes: number;
  /** A JSON answer up to this size is held until it is complete; a larger one is streamed through. Bytes. */
  readonly answerBufferBytes: number;
  /** Largest single event of a stream, in bytes. */
  readonly eventLimitBytes: number;
  /** A stream without a byte for this long gets a comment, so that proxies in between keep it open. Milliseconds. */
  readonly keepAliveCommentMs: number;
  /** From the request sent until the first byte of the answer, in milliseconds, where the provider sets no limit. */
  readonly firstByteMs: number;
  /** Between two pieces of an answer, in milliseconds, where the provider sets no limit. */
  readonly idleMs: number;
  /** One whole attempt, in milliseconds, where the provider sets no limit. */
  readonly totalMs: number;
  /** Tries at one target beyond the first, where the provider sets no number. */
  readonly retries: number;
  /** The first wait before a retry, in milliseconds; it doubles with each one. */
  readonly retryBaseMs: number;
  /** The longest wait before a retry, in milliseconds. A provider that asks for more is not tried again. */
  readonly retryCapMs: number;
  /** Failures in a row after which a target is only tried when nothing else is left. */
  readonly breakerFailures: number;
  /** How long it is put back then, until one request may probe it. Milliseconds. */
  readonly breakerCooldownMs: number;
  /** Tokens that are remembered as good for one snapshot. */
  readonly rememberedTokens: number;
  /** Whether usage is reported as a customer's own agent's, or as the shared gateway's. */
  readonly source: 'vpc_agent' | 'shared_gateway';
}

const MEGABYTE = 1024 * 1024;
const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/**
 * The time limits are above what clients of models expect (the OpenAI SDKs give up after ten minutes): a reasoning model
 * may be silent for minutes, and a limit that cuts good answers costs more than one that notices a dead provider late.
 * Whoever wants quick fail-over sets shorter ones on the provider.
 */
export const DEFAULT_GATEWAY_SETTINGS: GatewaySettings = {
  bodyLimitBytes: 32 * MEGABYTE,
  bufferBudgetBytes: 256 * MEGABYTE,
  answerBufferBytes: 64 * MEGABYTE,
  eventLimitBytes: 16 * MEGABYTE,
  keepAliveCommentMs: 15 * SECOND,
  firstByteMs: 10 * MINUTE,
  idleMs: 5 * MINUTE,
  totalMs: 30 * MINUTE,
  retries: 2,
  retryBaseMs: 250,
  retryCapMs: 8 * SECOND,
  breakerFailures: 5,
  breakerCooldownMs: 10 * SECOND,
  rememberedTokens: 10_000,
  source: 'vpc_agent',
};
