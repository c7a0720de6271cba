import type { Transform } from 'node:stream';
import {
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createInflateRaw,
  createZstdDecompress,
} from 'node:zlib';
import { GatewayError } from '../errors/gateway-error.ts';

/** A body compressed more often than this is not a client's need. */
const MOST_ENCODINGS = 2;

/** Makes a decompressor; it may look at the first bytes. */
export type Decompressor = (bytes: Buffer) => Transform;

/** "deflate" is zlib's form (RFC 9110 §8.4.1.2), but some clients send the bare one. */
function inflate(bytes: Buffer): Transform {
  const [first = 0, second = 0] = bytes;
  return (first & 0x0f) === 8 && (first * 256 + second) % 31 === 0 ? createInflate() : createInflateRaw();
}

/** RFC 9659: a window of at most 8 MB in HTTP. Without this a small body could ask for 128 MB. */
export const ZSTD_LIMITS = { params: { [constants.ZSTD_d_windowLogMax]: 23 } };

const DECOMPRESSORS: Readonly<Record<string, Decompressor>> = {
  gzip: () => createGunzip(),
  'x-gzip': () => createGunzip(),
  deflate: inflate,
  br: () => createBrotliDecompress(),
  zstd: () => createZstdDecompress(ZSTD_LIMITS),
};

/**
 * The decompressors to run, in order, for a `content-encoding` header; none for identity.
 *
 * @throws GatewayError `unsupported_encoding`
 */
export function readContentEncoding(header: string | undefined): readonly Decompressor[] {
  if (header === undefined) return [];
  const found: Decompressor[] = [];
  for (const part of header.split(',')) {
    const name = part.trim().toLowerCase();
    if (name === '' || name === 'identity') continue;
    const decompressor = Object.hasOwn(DECOMPRESSORS, name) ? DECOMPRESSORS[name] : undefined;
    if (!decompressor || found.length === MOST_ENCODINGS) throw new GatewayError('unsupported_encoding');
    // The last one named was applied last.
    found.unshift(decompressor);
  }
  return found;
}
