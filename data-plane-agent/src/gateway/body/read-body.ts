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

/** A request, and its body where all of it came with the head. */
export type BodyBearer = IncomingMessage & { readonly wholeBody?: Buffer };

/**
 * Reads a request's whole body and takes its content encodings off. The caller releases it in a `finally`.
 *
 * After an error the rest of the body was not read: the caller answers with `connection: close`.
 *
 * @throws GatewayError `body_too_large` (before reading, where content-length says so), `unsupported_encoding`,
 *   `invalid_encoding`, `buffer_full`, `client_closed`
 */
export function readBody(incoming: BodyBearer, options: ReadBodyOptions): HeldBody | Promise<HeldBody> {
  if (Number(incoming.headers['content-length'] ?? 0) > options.limitBytes)
    throw new GatewayError('body_too_large');
  const decompressors = readContentEncoding(incoming.headers['content-encoding']);
  const held = new HeldBytes(options.budget, options.limitBytes);
  const { wholeBody } = incoming;
  const body = wholeBody ? new WholeBody(wholeBody, held) : new BodyCollector(incoming, held).collect();
  // Not an async function, so that the usual body costs one promise or none, and not three.
  return decompressors.length === 0 ? body : takeOff(body, decompressors, options);
}

class WholeBody implements HeldBody {
  readonly bytes: Buffer;
  private readonly held: HeldBytes;

  constructor(bytes: Buffer, held: HeldBytes) {
    held.add(bytes.length);
    this.bytes = bytes;
    this.held = held;
  }

  release(): void {
    this.held.release();
  }
}

async function takeOff(
  reading: HeldBody | Promise<HeldBody>,
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
