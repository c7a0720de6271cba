import { Readable } from 'node:stream';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readBody } from './control-plane-answer.ts';

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();

/** A body that comes in pieces of `size` bytes. */
function inPieces(bytes: Buffer, size: number): Readable {
  const pieces = [];
  for (let at = 0; at < bytes.length; at += size) pieces.push(Buffer.from(bytes.subarray(at, at + size)));
  return Readable.from(pieces, { objectMode: false });
}

const pack = (content: Buffer, encoding: string | undefined) =>
  encoding === 'gzip' ? gzipSync(content) : encoding === 'zstd' ? zstdCompressSync(content) : content;

describe('a body of the control plane', () => {
  test('is the same however it is cut, packed or collected', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 400_000, size: 'max' }),
        fc.integer({ min: 1_000, max: 100_000 }),
        fc.constantFrom(undefined, 'gzip', 'zstd'),
        fc.option(fc.nat(500_000), { nil: undefined }),
        async (content, size, encoding, room) => {
          const sent = pack(Buffer.from(content), encoding);
          const got = await readBody('GET /x', inPieces(sent, size), encoding, {
            limit: 400_000,
            into: room === undefined ? undefined : Buffer.alloc(room),
          });
          expect(Buffer.compare(got, content)).toBe(0);
        },
      ),
      { numRuns: 30 },
    );
  });

  test('may have exactly as many bytes as allowed, and not one more', async () => {
    const content = Buffer.from('ten bytes.');
    for (const encoding of [undefined, 'gzip', 'zstd']) {
      const sent = pack(content, encoding);
      expect(text(await readBody('GET /x', inPieces(sent, 3), encoding, { limit: 10 }))).toBe('ten bytes.');
      await expect(readBody('GET /x', inPieces(sent, 3), encoding, { limit: 9 })).rejects.toMatchObject({
        code: 'answer_too_large',
      });
    }
  });

  test('that swells is given up at the limit', async () => {
    for (const encoding of ['gzip', 'zstd']) {
      const body = inPieces(pack(Buffer.alloc(50_000_000), encoding), 1_000);
      await expect(readBody('GET /x', body, encoding, { limit: 100_000 })).rejects.toMatchObject({
        code: 'answer_too_large',
      });
      expect(body.destroyed).toBe(true);
    }
  });

  test('that unpacks to nothing is given up all the same', async () => {
    // A skippable frame of zstd (RFC 8878 §3.1.2), and an empty member of gzip, again and again.
    const skipped = Buffer.alloc(1_000);
    skipped.writeUInt32LE(0x184d2a50);
    skipped.writeUInt32LE(992, 4);
    for (const [encoding, nothing] of [
      ['zstd', skipped],
      ['gzip', gzipSync('')],
    ] as const) {
      const body = inPieces(Buffer.concat(Array.from({ length: 2_000 }, () => nothing)), 1_000);
      await expect(readBody('GET /x', body, encoding, { limit: 10_000 })).rejects.toMatchObject({
        code: 'answer_too_large',
      });
    }
  });

  test('that is not compressed as it says, or ends too early, is malformed', async () => {
    const packed = gzipSync('a body that is packed');
    for (const [encoding, sent] of [
      ['gzip', Buffer.from('not packed')],
      ['gzip', packed.subarray(0, packed.length - 4)],
      ['br', packed],
      ['zstd', packed],
      ['zstd', zstdCompressSync('a body that is packed').subarray(0, 12)],
    ] as const)
      await expect(readBody('GET /x', inPieces(sent, 5), encoding, { limit: 1_000 })).rejects.toMatchObject({
        code: 'answer_malformed',
      });
  });

  test('whose connection fails keeps the reason', async () => {
    for (const encoding of [undefined, 'gzip']) {
      const body = new Readable({ read: () => {} });
      body.push(gzipSync('x').subarray(0, 5));
      const reading = readBody('GET /x', body, encoding, { limit: 1_000 });
      body.destroy(Object.assign(new Error('reset'), { code: 'ECONNRESET' }));
      await expect(reading).rejects.toMatchObject({ code: 'ECONNRESET' });
    }
  });
});
