import { createServer, type IncomingMessage } from 'node:http';
import { Duplex } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FoundHead, type PlainHead, readPlainHead } from './read-plain-head.ts';

const LIMITS = { paths: new Set(['/v1/chat', '/v1/messages']), headBytes: 2048, bodyBytes: 4096 };
const HEAD = 'POST /v1/chat HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nX-One: 1\r\n\r\n';
const read = (text: string, last?: PlainHead) => readPlainHead(Buffer.from(text, 'latin1'), LIMITS, last);

interface Reading {
  method: string | undefined;
  url: string | undefined;
  headers: Record<string, unknown>;
  body: string;
}

/** All requests that node's own server, and so llhttp, finds in the bytes, and whether it took all of them. */
async function readByNode(bytes: Buffer): Promise<{ requests: Reading[]; refused: boolean }> {
  const requests: Reading[] = [];
  let refused = false;
  const server = createServer((incoming: IncomingMessage, outgoing) => {
    const { method, url, headers } = incoming;
    const reading = { method, url, headers: { ...headers }, body: '' };
    requests.push(reading);
    incoming.on('data', (chunk: Buffer) => {
      reading.body += chunk.toString('latin1');
    });
    incoming.on('end', () => outgoing.end());
  });
  server.on('clientError', (_error, socket) => {
    refused = true;
    socket.destroy();
  });
  const socket = new Duplex({ read: () => undefined, write: (_bytes, _encoding, done) => done() });
  const closed = new Promise((resolve) => socket.once('close', resolve));
  server.emit('connection', socket);
  socket.push(bytes);
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
  socket.destroy();
  await closed;
  server.close();
  return { requests, refused };
}

/** Whatever is recognized here, llhttp reads in the same way: one request, with the same body, and what follows is the next. */
async function compare(text: string, last?: PlainHead): Promise<FoundHead | undefined> {
  const bytes = Buffer.from(text, 'latin1');
  const found = readPlainHead(bytes, LIMITS, last);
  if (!found) return undefined;
  const { head, headBytes, bodyBytes } = found;
  const end = headBytes + bodyBytes;
  const body = 'b'.repeat(Math.max(0, end - bytes.length));
  const whole = Buffer.concat([bytes, Buffer.from(body)]).subarray(0, end);
  const next = 'POST /next HTTP/1.1\r\nHost: n\r\nContent-Length: 0\r\n\r\n';
  const { requests, refused } = await readByNode(Buffer.concat([whole, Buffer.from(next)]));
  expect(refused).toBe(false);
  expect(requests).toHaveLength(2);
  expect(requests[0]).toEqual({
    method: 'POST',
    url: head.url,
    headers: { ...head.headers, 'content-length': expect.stringMatching(/^\d+$/) },
    body: whole.toString('latin1', headBytes),
  });
  expect(Number(requests[0]?.headers['content-length'])).toBe(bodyBytes);
  expect(requests[1]?.url).toBe('/next');
  return found;
}

const PIECES = [
  'POST ',
  'GET ',
  '/v1/chat',
  '/v1/messages?beta=true',
  '/v1/chat%00',
  'http://a/v1/chat',
  ' HTTP/1.1',
  ' HTTP/1.0',
  ' HTTP/2.0',
  '\r\n',
  '\r',
  '\n',
  '\r\n\r\n',
  '\n\n',
  '\0',
  '\t',
  ' ',
  ':',
  '\x7f',
  '\x80',
  '\xa0',
  '\x0b',
  ',',
  '+',
  'Host: b\r\n',
  'Host:\r\n',
  'Content-Length: 5\r\n',
  'Content-Length: 05\r\n',
  'Content-Length: +5\r\n',
  'Content-Length: 5, 5\r\n',
  'Content-Length: 0x5\r\n',
  'Content-Length : 5\r\n',
  'content-length:\t5\t\r\n',
  'Content_Length: 9\r\n',
  'Transfer-Encoding: chunked\r\n',
  'Transfer-Encoding\t: chunked\r\n',
  'transfer-encoding: identity\r\n',
  'Connection: close\r\n',
  'Connection: Keep-Alive\r\n',
  'Connection: keep-alive, upgrade\r\n',
  'Proxy-Connection: close\r\n',
  'Upgrade: websocket\r\n',
  'Expect: 100-continue\r\n',
  'Cookie: a=1\r\n',
  'Cookie: b=2\r\n',
  ' folded\r\n',
  '__proto__: x\r\n',
  'constructor: x\r\n',
  'x\xe9: 1\r\n',
  'X-Two: \xe9 "(\r\n',
];

describe('a plain head', () => {
  it('is recognized with what it says', () => {
    expect(read(`${HEAD}hello`)).toMatchObject({
      head: {
        url: '/v1/chat',
        rawHeaders: ['host', 'a', 'x-one', '1'],
        headers: { host: 'a', 'x-one': '1' },
      },
      headBytes: HEAD.length,
      bodyBytes: 5,
    });
    expect(read(HEAD.replace('/chat', '/messages?beta=true'))?.head.url).toBe('/v1/messages?beta=true');
  });

  it('is recognized again with another length, and not where anything else is different', () => {
    const last = read(HEAD)?.head;
    for (const length of ['5', '0005', '4096', '71'])
      expect(read(`${HEAD.replace('Length: 5', `Length: ${length}`)}x`, last)).toEqual({
        head: last,
        headBytes: HEAD.length - 1 + length.length,
        bodyBytes: Number(length),
      });
    expect(read(HEAD.replace('X-One: 1', 'X-One: 2'), last)?.head.headers['x-one']).toBe('2');
    expect(read(HEAD.replace('Host: a', 'Host: b'), last)?.head.headers.host).toBe('b');
    for (const length of ['', '0', '4097', '5x', ' 5 5', '0000000005', '5\r\nContent-Length: 5'])
      expect(read(HEAD.replace('Length: 5', `Length: ${length}`), last)).toBeUndefined();
    expect(read(HEAD.slice(0, -1), last)).toBeUndefined();
    expect(read('', last)).toBeUndefined();
  });

  it.each([
    ['is not whole', HEAD.slice(0, -2)],
    ['is too long', HEAD.replace('X-One: 1', `X-One: ${'1'.repeat(2048)}`)],
    ['is of another method', HEAD.replace('POST', 'PUT')],
    ['is for another path', HEAD.replace('/v1/chat', '/v1/models')],
    ['has an odd query', HEAD.replace('/v1/chat', '/v1/chat?a#b')],
    ['is of another version', HEAD.replace('HTTP/1.1', 'HTTP/1.0')],
    ['begins with an empty line', `\r\n${HEAD}`],
    ['names no host', HEAD.replace('Host: a\r\n', '')],
    ['names no length', HEAD.replace('Content-Length: 5\r\n', '')],
    ['has no body', HEAD.replace('Length: 5', 'Length: 0')],
    ['has a large body', HEAD.replace('Length: 5', 'Length: 4097')],
    ['has a length that is no number', HEAD.replace('Length: 5', 'Length: 5x')],
    ['has two lengths', HEAD.replace('X-One: 1', 'content-length: 5')],
    ['has a name twice', HEAD.replace('X-One: 1', 'X-One: 1\r\nx-one: 2')],
    ['is in chunks', HEAD.replace('X-One: 1', 'Transfer-Encoding: chunked')],
    ['waits to be asked for its body', HEAD.replace('X-One: 1', 'Expect: 100-continue')],
    ['wants another protocol', HEAD.replace('X-One: 1', 'Upgrade: websocket')],
    ['ends its connection', HEAD.replace('X-One: 1', 'Connection: close')],
    ['has a folded line', HEAD.replace('X-One: 1', 'X-One: 1\r\n 2')],
    ['has a bare line feed', HEAD.replace('X-One: 1', 'X-One: 1\nTransfer-Encoding: chunked')],
    ['has a bare carriage return', HEAD.replace('X-One: 1', 'X-One: 1\rX')],
    ['has a control', HEAD.replace('X-One: 1', 'X-One: \0')],
    ['has a space before a colon', HEAD.replace('X-One:', 'X-One :')],
    ['has a line without a name', HEAD.replace('X-One: 1', ': 1')],
    ['has a line without a colon', HEAD.replace('X-One: 1', 'X-One')],
    [
      'has too many headers',
      HEAD.replace('X-One', `${Array.from({ length: 101 }, (_, at) => `y${at}: 1\r\n`).join('')}X-One`),
    ],
  ])('is node’s where it %s', (_what, text) => {
    expect(read(`${text}hello`)).toBeUndefined();
  });

  it('is what llhttp reads, however it was changed', async () => {
    const piece = fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(...PIECES) },
      fc.nat(255).map((code) => String.fromCharCode(code)),
    );
    const change = fc.record({ at: fc.nat(HEAD.length), take: fc.nat(12), put: piece });
    const last = read(HEAD)?.head;
    let recognized = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(change, { maxLength: 3 }), async (changes) => {
        let text = HEAD;
        for (const { at, take, put } of changes) text = text.slice(0, at) + put + text.slice(at + take);
        if (await compare(`${text}hello`)) recognized++;
        await compare(`${text}hello`, last);
      }),
      { numRuns: 1500 },
    );
    expect(recognized).toBeGreaterThan(100);
  });

  it('may have any of these lines, as llhttp reads them', async () => {
    for (const line of PIECES.filter((one) => one.endsWith('\r\n') && one.length > 4))
      await compare(`${HEAD.replace('X-One: 1\r\n', line)}hello`);
  });
});
