import type { IncomingMessage } from 'node:http';
import { GatewayError } from '../errors/gateway-error.ts';
import type { ByteBudget } from './byte-budget.ts';
import { readContentEncoding } from './content-encoding.ts';
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
export async function readBody(incoming: IncomingMessage, options: ReadBodyOptions): Promise<HeldBody> {
  if (Number(incoming.headers['content-length'] ?? 0) > options.limitBytes) {
    throw new GatewayError('body_too_large');
  }
  const decompressors = readContentEncoding(incoming.headers['content-encoding']);
  let body = await collect(incoming, options);
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

function collect(incoming: IncomingMessage, options: ReadBodyOptions): Promise<HeldBody> {
  const held = new HeldBytes(options.budget, options.limitBytes);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const stop = () => {
      incoming.off('data', onData).off('end', onEnd).off('error', onClosed).off('close', onClosed);
    };
    const fail = (error: GatewayError) => {
      stop();
      incoming.pause();
      held.release();
      reject(error);
    };
    const onData = (chunk: Buffer) => {
      try {
        held.add(chunk.length);
        chunks.push(chunk);
      } catch (error) {
        fail(error instanceof GatewayError ? error : new GatewayError('internal_error', { cause: error }));
      }
    };
    const onEnd = () => {
      stop();
      const [first] = chunks;
      const bytes = first !== undefined && chunks.length === 1 ? first : Buffer.concat(chunks);
      resolve({ bytes, release: () => held.release() });
    };
    const onClosed = () => fail(new GatewayError('client_closed'));
    incoming.on('data', onData).on('end', onEnd).on('error', onClosed).on('close', onClosed);
    // A client that went before this was called emits nothing any more.
    if (incoming.destroyed && !incoming.complete) onClosed();
  });
}
