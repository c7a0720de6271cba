import { GatewayError } from '../errors/gateway-error.ts';
import type { ByteBudget } from './byte-budget.ts';
import type { Decompressor } from './content-encoding.ts';
import { HeldBytes } from './held-bytes.ts';

/** Bytes with the way to give them back to the budget. */
export interface HeldBody {
  readonly bytes: Buffer;
  /** To be called once the bytes are no longer needed; further calls do nothing. */
  release(): void;
}

/**
 * Decompresses bytes that are in memory, piece by piece on zlib's own threads. What comes out is counted as it comes, so
 * that a small body that would become a huge one is stopped at the limit.
 *
 * @throws GatewayError `invalid_encoding`, `body_too_large`, `buffer_full`
 */
export function decompress(
  compressed: Buffer,
  decompressor: Decompressor,
  limits: { limitBytes: number; budget: ByteBudget },
): Promise<HeldBody> {
  const held = new HeldBytes(limits.budget, limits.limitBytes);
  return new Promise((resolve, reject) => {
    const stream = decompressor(compressed);
    const pieces: Buffer[] = [];
    const fail = (error: unknown) => {
      held.release();
      stream.destroy();
      reject(error instanceof GatewayError ? error : new GatewayError('invalid_encoding', { cause: error }));
    };
    stream.on('error', fail);
    stream.on('data', (piece: Buffer) => {
      try {
        held.add(piece.length);
        pieces.push(piece);
      } catch (error) {
        fail(error);
      }
    });
    stream.on('end', () => resolve({ bytes: Buffer.concat(pieces), release: () => held.release() }));
    stream.end(compressed);
  });
}
