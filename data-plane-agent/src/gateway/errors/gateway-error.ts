import type { UsageErrorCode } from '@bonito/protocol';
import { GATEWAY_ERRORS, type GatewayErrorCode, type GatewayErrorEntry } from './gateway-error-table.ts';

/** What an error says beyond its code. */
export interface GatewayErrorOptions {
  /** The field of the request that is at fault, as OpenAI's `param`. */
  param?: string;
  /** More for the client alone; may hold the client's own words, so it never goes into logs, metrics or records. */
  detail?: string;
  /** Overrides the table's. */
  retryAfterSeconds?: number;
  cause?: unknown;
}

/**
 * Why the gateway itself does not serve a request. Its `message` is a fixed sentence by code, free of content; the client's
 * words, if any, are in `clientMessage()` only.
 */
export class GatewayError extends Error {
  override readonly name = 'GatewayError';
  readonly code: GatewayErrorCode;
  /** The HTTP status for the client, as long as no head was sent. */
  readonly status: number;
  /** OpenAI's error type. */
  readonly type: string;
  readonly param: string | null;
  /** Whether the same request may succeed when it is sent again; otherwise `x-should-retry: false` is answered. */
  readonly retryable: boolean;
  readonly retryAfterSeconds: number | undefined;
  readonly usageCode: UsageErrorCode;
  // Private, so that neither a log nor an inspection of the error shows it.
  readonly #detail: string | undefined;

  constructor(code: GatewayErrorCode, options: GatewayErrorOptions = {}) {
    const entry: GatewayErrorEntry = GATEWAY_ERRORS[code];
    super(entry.message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.status = entry.status;
    this.type = entry.type;
    this.param = options.param ?? null;
    this.retryable = entry.retryable;
    this.retryAfterSeconds = options.retryAfterSeconds ?? entry.retryAfterSeconds;
    this.usageCode = entry.usageCode;
    this.#detail = options.detail;
  }

  /** The sentence for the client, with the detail. */
  clientMessage(): string {
    return this.#detail === undefined ? this.message : `${this.message} ${this.#detail}`;
  }
}
