import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GatewayError } from '../errors/gateway-error.ts';
import { ByteBudget } from './byte-budget.ts';
import { readBody } from './read-body.ts';

const server = createServer();
let port = 0;

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

interface Attempt {
  head: string;
  parts: readonly Buffer[];
  limitBytes?: number;
  budget?: ByteBudget;
  /** Breaks the connection after the parts. */
  abort?: boolean;
}

/** Sends one raw request and reads its body with `readBody`. */
async function attempt({
  head,
  parts,
  limitBytes = 10_000,
  budget = new ByteBudget(100_000),
  abort,
}: Attempt) {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  socket.write(`POST / HTTP/1.1\r\nhost: x\r\n${head}\r\n\r\n`);
  const [incoming] = (await once(server, 'request')) as [IncomingMessage];
  const reading = (async () => readBody(incoming, { limitBytes, budget }))().then(
    (body) => ({ body, code: 'read' }),
    (error: unknown) => ({
      body: undefined,
      code: error instanceof GatewayError ? error.code : String(error),
    }),
  );
  for (const part of parts) {
    const arrived = once(incoming, 'data');
    socket.write(part);
    if (parts.length > 1 || abort) await Promise.race([arrived, reading]);
  }
  if (abort) socket.destroy();
  const result = await reading;
  const text = result.body?.bytes.toString();
  const used = budget.usedBytes;
  result.body?.release();
  result.body?.release();
  expect(budget.usedBytes).toBe(0);
  socket.destroy();
  return { code: result.code, text, used };
}

function whole(body: Buffer, encoding?: string): { head: string; parts: Buffer[] } {
  const extra = encoding === undefined ? '' : `\r\ncontent-encoding: ${encoding}`;
  return { head: `content-length: ${body.length}${extra}`, parts: [body] };
}

const TEXT = '{"model":"m","text":"hello hello hello hello"}';
const PLAIN = Buffer.from(TEXT);

describe('readBody', () => {
  it('reads a body of known length', async () => {
    expect(await attempt(whole(PLAIN))).toEqual({ code: 'read', text: TEXT, used: PLAIN.length });
  });

  it('reads an empty one', async () => {
    expect(await attempt(whole(Buffer.alloc(0)))).toMatchObject({ code: 'read', text: '' });
  });

  it('reads a chunked one that comes in pieces', async () => {
    const result = await attempt({
      head: 'transfer-encoding: chunked',
      parts: [Buffer.from('3\r\nabc\r\n'), Buffer.from('2\r\nde\r\n0\r\n\r\n')],
    });
    expect(result).toMatchObject({ code: 'read', text: 'abcde' });
  });

  it.each([
    ['gzip', gzipSync(PLAIN)],
    ['x-gzip', gzipSync(PLAIN)],
    ['GZIP', gzipSync(PLAIN)],
    ['deflate', deflateSync(PLAIN)],
    ['deflate', deflateRawSync(PLAIN)],
    ['br', brotliCompressSync(PLAIN)],
    ['zstd', zstdCompressSync(PLAIN)],
    ['identity', PLAIN],
    ['gzip, identity, br', brotliCompressSync(gzipSync(PLAIN))],
  ])('takes %s off', async (encoding, body) => {
    expect(await attempt(whole(body, encoding))).toEqual({ code: 'read', text: TEXT, used: PLAIN.length });
  });

  it.each(['compress', 'gzip, gzip, gzip', 'toString', '__proto__'])('refuses %s', async (encoding) => {
    expect(await attempt(whole(PLAIN, encoding))).toMatchObject({ code: 'unsupported_encoding' });
  });

  it.each([
    ['gzip', gzipSync(PLAIN)],
    ['deflate', deflateSync(PLAIN)],
    ['br', brotliCompressSync(PLAIN)],
    ['zstd', zstdCompressSync(PLAIN)],
  ])('refuses %s that is cut off or garbled', async (encoding, body) => {
    expect(await attempt(whole(body.subarray(0, -4), encoding))).toMatchObject({ code: 'invalid_encoding' });
    expect(await attempt(whole(Buffer.from('garbage here'), encoding))).toMatchObject({
      code: 'invalid_encoding',
    });
  });

  it.each([
    ['gzip', gzipSync],
    ['br', brotliCompressSync],
    ['zstd', zstdCompressSync],
  ])('stops a bomb of %s at the limit', async (encoding, compress) => {
    const bomb = compress(Buffer.alloc(5_000_000));
    expect(await attempt({ ...whole(bomb, encoding), limitBytes: 50_000 })).toMatchObject({
      code: 'body_too_large',
    });
  });

  it('refuses by content-length before a byte came', async () => {
    expect(await attempt({ head: 'content-length: 10001', parts: [] })).toMatchObject({
      code: 'body_too_large',
    });
  });

  it('accepts exactly the limit', async () => {
    expect(await attempt(whole(Buffer.alloc(10_000, 'a')))).toMatchObject({ code: 'read' });
  });

  it('refuses a chunked body once it is past the limit', async () => {
    const result = await attempt({
      head: 'transfer-encoding: chunked',
      parts: [Buffer.from(`2711\r\n${'a'.repeat(10_001)}\r\n`)],
    });
    expect(result).toMatchObject({ code: 'body_too_large' });
  });

  it('refuses when the budget of all bodies is used up', async () => {
    const budget = new ByteBudget(20);
    expect(await attempt({ ...whole(PLAIN), budget })).toMatchObject({ code: 'buffer_full' });
  });

  it('tells a client that went away', async () => {
    const result = await attempt({ head: 'content-length: 100', parts: [Buffer.from('abc')], abort: true });
    expect(result).toMatchObject({ code: 'client_closed' });
  });
});

describe('ByteBudget', () => {
  it('takes all or nothing and never goes below zero', () => {
    const changes: number[] = [];
    const budget = new ByteBudget(10, (delta) => changes.push(delta));
    expect([budget.take(7), budget.take(4), budget.take(3)]).toEqual([true, false, true]);
    budget.give(50);
    expect(budget.usedBytes).toBe(0);
    expect(budget.take(10)).toBe(true);
    expect(changes).toEqual([7, 3, -10, 10]);
  });
});
