import { pipeline, type Readable, type Transform } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { ZSTD_LIMITS } from '../gateway/body/content-encoding.ts';
import { ControlPlaneError } from './control-plane-error.ts';

/** The answer to a call: headers in lower case, the body decompressed. */
export interface ControlPlaneAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** Throws for a status that is no success: what went wrong, and whether it may pass. */
export function refuseStatus(what: string, { status, headers }: ControlPlaneAnswer): void {
  if (status < 300 || status === 304) return;
  const detail = { what: `${what} was answered with ${status}`, status, retryAfter: readRetryAfter(headers) };
  if (status < 400) throw new ControlPlaneError('answer_malformed', detail);
  if (status === 401 || status === 403) throw new ControlPlaneError('unauthorized', detail);
  if (status === 404) throw new ControlPlaneError('not_found', detail);
  const passing = status >= 500 || status === 408 || status === 429;
  throw new ControlPlaneError(passing ? 'unavailable' : 'refused', detail);
}

/** `Retry-After` in seconds (RFC 9110 §10.2.3); the form with a date is not used by the control plane. At most ten minutes. */
function readRetryAfter(headers: Readonly<Record<string, string>>): number | undefined {
  const seconds = /^[0-9]{1,6}$/.exec(headers['retry-after'] ?? '')?.[0];
  return seconds === undefined ? undefined : Math.min(Number(seconds), 600) * 1_000;
}

/** What a body is collected in as long as its size is not known, in bytes. */
const FIRST_BYTES = 64 * 1024;

/** A decompressor keeps memory of this size until it is collected. */
const chunkSize = 32 * 1024;

const DECOMPRESSORS = new Map<string, () => Transform>([
  ['gzip', () => createGunzip({ chunkSize })],
  ['x-gzip', () => createGunzip({ chunkSize })],
  ['zstd', () => createZstdDecompress({ ...ZSTD_LIMITS, chunkSize })],
]);

/**
 * Reads a body to its end and decompresses it. Each piece is copied as it comes, so that it need not outlive the next
 * collection of young memory: what does stays until a full one.
 *
 * @param what the call, for the error
 * @param limit bytes after decompression
 * @param into memory in which the bytes are collected; a larger one takes its place when it is too small
 * @throws ControlPlaneError `answer_too_large`, `answer_malformed`
 */
export async function readBody(
  what: string,
  body: Readable,
  encoding: string | undefined,
  { limit, into }: { limit: number; into?: Buffer | undefined },
): Promise<Uint8Array> {
  const tooLarge = () =>
    new ControlPlaneError('answer_too_large', { what: `the answer to ${what} passes ${limit} bytes` });
  const source = decompress(what, body, encoding);
  // What cannot be compressed becomes a little larger; what unpacks to nothing must end somewhere too.
  const mostReceived = limit + limit / 1_000 + 1_024;
  let received = 0;
  if (source !== body)
    body.on('data', (piece: Buffer) => {
      received += piece.length;
      if (received > mostReceived) body.destroy(tooLarge());
    });
  let bytes = into ?? Buffer.allocUnsafeSlow(Math.min(FIRST_BYTES, limit));
  let size = 0;
  try {
    for await (const piece of source as AsyncIterable<Buffer>) {
      if (size + piece.length > limit) throw tooLarge();
      if (size + piece.length > bytes.length) {
        const larger = Buffer.allocUnsafeSlow(
          Math.min(limit, Math.max(bytes.length * 2, size + piece.length)),
        );
        bytes.copy(larger, 0, 0, size);
        bytes = larger;
      }
      size += piece.copy(bytes, size);
    }
  } catch (error) {
    if (isZlibError(error)) throw notCompressed(what);
    throw error;
  } finally {
    // A connection in the middle of an answer is of no more use.
    body.destroy();
  }
  return bytes.subarray(0, size);
}

function decompress(what: string, body: Readable, encoding: string | undefined): Readable {
  if (encoding === undefined || encoding === 'identity') return body;
  const decompressor = DECOMPRESSORS.get(encoding)?.();
  if (!decompressor) {
    body.destroy();
    throw notCompressed(what);
  }
  pipeline(body, decompressor, () => {});
  return decompressor;
}

function notCompressed(what: string): ControlPlaneError {
  return new ControlPlaneError('answer_malformed', {
    what: `the answer to ${what} is not compressed as it says`,
  });
}

function isZlibError(error: unknown): boolean {
  return /^Z(STD)?_/.test(String((error as NodeJS.ErrnoException).code));
}

/** Headers as one text each, names in lower case. */
export function flatten(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) flat[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : value;
  }
  return flat;
}
