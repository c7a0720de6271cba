import type { IncomingMessage } from 'node:http';
import { GatewayError } from '../errors/gateway-error.ts';
import { BodyCollector } from './body-collector.ts';
import type { ByteBudget } from './byte-budget.ts';
import { type Decompressor, readContentEncoding } from './content-encoding.ts';
import { decompress, type HeldBody } from './decompress.ts';
import { HeldBytes } from './held-bytes.ts';

/** What bounds a body. */
export interface ReadBodyOptions {
  /** For the bytes as they come, and again for what they decompress to. */
  readonly limitBytes: number;
  /** Shared by all bodies. Taken as bytes arrive, not when they are announced, so that an idle client holds nothing. */
  readonly budget: ByteBudget;
}

/**
 * Reads a request's whole body and takes its content encodings off. The caller releases it in a `finally`.
 *
 * After an error the rest of the body was not read: the caller answers with `connection: close`.
 *
 * @throws GatewayError `body_too_large` (before reading, where content-length says so), `unsupported_encoding`,
 *   `invalid_encoding`, `buffer_full`, `client_closed`
 */
export function readBody(incoming: IncomingMessage, options: ReadBodyOptions): Promise<HeldBody> {
  try {
    if (Number(incoming.headers['content-length'] ?? 0) > options.limitBytes) {
      throw new GatewayError('body_too_large');
    }
    const decompressors = readContentEncoding(incoming.headers['content-encoding']);
    const body = new BodyCollector(incoming, new HeldBytes(options.budget, options.limitBytes)).collect();
    // Not an async function, so that the usual body costs one promise and not three.
    return decompressors.length === 0 ? body : takeOff(body, decompressors, options);
  } catch (error) {
    return Promise.reject(error);
  }
}

async function takeOff(
  reading: Promise<HeldBody>,
  decompressors: readonly Decompressor[],
  options: ReadBodyOptions,
): Promise<HeldBody> {
  let body = await reading;
  for (const decompressor of decompressors) {
    const compressed = body;
    try {
      body = await decompress(compressed.bytes, decompressor, options);
    } finally {
      compressed.release();
    }
  }
  return body;
}
