import { once } from 'node:events';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { BodyBearer } from '../../gateway/body/read-body.ts';
import { certificates } from '../../outbound/test-certificates.ts';
import { type Listener, openListener } from '../open-listener.ts';
import { PlainAnswer } from './plain-answer.ts';

/** What came in, and by which of the two ways. */
interface Served {
  readonly way: 'plain' | 'node';
  readonly url: string | undefined;
  readonly body: string;
}

const PATHS = new Set(['/echo', '/hold', '/stream', '/refuse']);
const post = (path: string, body: string, more = '') =>
  `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n${more}\r\n${body}`;

let served: Served[];
let held: ServerResponse[];
let closed: number;
let listener: Listener;
const sockets: Socket[] = [];

async function bodyOf(incoming: BodyBearer): Promise<string> {
  if (incoming.wholeBody) return incoming.wholeBody.toString();
  let body = '';
  for await (const chunk of incoming) body += chunk;
  return body;
}

const handler: RequestListener = (incoming: IncomingMessage, outgoing: ServerResponse) => {
  outgoing.on('close', () => {
    if (!outgoing.writableFinished) closed++;
  });
  const answer = (body: string) => {
    const way = (outgoing as unknown) instanceof PlainAnswer ? 'plain' : 'node';
    served.push({ way, url: incoming.url, body });
    if (incoming.url === '/hold') held.push(outgoing);
    else if (incoming.url === '/stream') {
      outgoing.writeHead(200, ['content-type', 'text/plain']);
      outgoing.write(Buffer.from('one,'));
      outgoing.write(Buffer.alloc(20_000, 'x'));
      outgoing.end(Buffer.from(',two'));
    } else {
      if (incoming.url === '/refuse') outgoing.shouldKeepAlive = false;
      outgoing.writeHead(200, ['content-length', String(body.length)]);
      outgoing.end(body, 'latin1');
    }
  };
  const { wholeBody } = incoming as BodyBearer;
  if (wholeBody) answer(wholeBody.toString());
  else void bodyOf(incoming).then(answer, () => undefined);
};

async function open(secure = false): Promise<Socket> {
  const socket = secure
    ? connectTls({
        port: listener.port,
        host: '127.0.0.1',
        ca: certificates.authority,
        servername: 'localhost',
      })
    : connect(listener.port, '127.0.0.1');
  sockets.push(socket);
  await once(socket, secure ? 'secureConnect' : 'connect');
  return socket;
}

/** Sends, and gives the text that came until it matches. */
async function ask(socket: Socket, text: string, until: RegExp | string): Promise<string> {
  const isThere = (got: string) => (typeof until === 'string' ? got.endsWith(until) : until.test(got));
  let got = '';
  const found = new Promise<string>((resolve, reject) => {
    const onData = (chunk: Buffer) => {
      got += chunk.toString('latin1');
      if (!isThere(got)) return;
      socket.off('data', onData);
      resolve(got);
    };
    socket.on('data', onData).once('close', () => reject(new Error(`closed after ${got}`)));
  });
  socket.write(text, 'latin1');
  return found;
}

async function start(tls = false): Promise<void> {
  listener = await openListener({
    address: { host: '127.0.0.1', port: 0 },
    setting: 'BONITO_LISTEN',
    handler,
    connectionLimit: 100,
    headerLimit: 8192,
    http2: true,
    plainPaths: PATHS,
    ...(tls && { tls: { cert: certificates.server.cert, key: certificates.server.key } }),
  });
}

beforeEach(() => {
  served = [];
  held = [];
  closed = 0;
});
afterEach(async () => {
  vi.useRealTimers();
  for (const socket of sockets.splice(0)) socket.destroy();
  await listener.close();
});

describe('plain requests', () => {
  it('are served one after the other on a connection, with the head that node writes', async () => {
    await start();
    const socket = await open();
    const first = await ask(socket, post('/echo', 'one'), /one$/);
    expect(first.replace(/Date: .*\r\n/, '')).toBe(
      'HTTP/1.1 200 OK\r\ncontent-length: 3\r\nConnection: keep-alive\r\nKeep-Alive: timeout=75\r\n\r\none',
    );
    expect(new Date(/Date: (.*)\r\n/.exec(first)?.[1] ?? '').getTime()).toBeGreaterThan(Date.now() - 5_000);
    await ask(socket, post('/echo', 'two'), /two$/);
    expect(served).toEqual([
      { way: 'plain', url: '/echo', body: 'one' },
      { way: 'plain', url: '/echo', body: 'two' },
    ]);
  });

  it('are served over TLS', async () => {
    await start(true);
    const socket = await open(true);
    await ask(socket, post('/echo', 'one'), /one$/);
    expect(served).toEqual([{ way: 'plain', url: '/echo', body: 'one' }]);
  });

  it('may come in pieces behind their head', async () => {
    await start();
    const socket = await open();
    const body = 'b'.repeat(200_000);
    const text = post('/echo', body);
    socket.write(text.slice(0, 70));
    await expect.poll(() => socket.bytesWritten).toBe(70);
    await new Promise((resolve) => setTimeout(resolve, 20));
    await ask(socket, text.slice(70), `\r\n\r\n${body}`);
    expect(served).toEqual([{ way: 'plain', url: '/echo', body }]);
  });

  it('may come a few bytes at a time', async () => {
    await start();
    const socket = await open();
    socket.setNoDelay(true);
    const text = post('/echo', 'body in pieces');
    const head = text.length - 'body in pieces'.length;
    socket.write(text.slice(0, head + 1));
    for (let at = head + 1; at < text.length - 1; at++) {
      await new Promise((resolve) => setTimeout(resolve, 2));
      socket.write(text.slice(at, at + 1));
    }
    await ask(socket, text.slice(-1) + post('/echo', 'and more'), /and more$/);
    expect(served).toEqual([
      { way: 'plain', url: '/echo', body: 'body in pieces' },
      { way: 'plain', url: '/echo', body: 'and more' },
    ]);
  });

  it('are answered in their order where one is sent ahead', async () => {
    await start();
    const socket = await open();
    const answers = ask(
      socket,
      post('/hold', 'one') + post('/echo', 'two') + post('/stream', 'three'),
      /0\r\n\r\n/,
    );
    await expect.poll(() => held.length).toBe(1);
    socket.write(post('/echo', 'four'));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(served).toHaveLength(1);
    held[0]?.writeHead(200, ['content-length', '3']).end('one', 'latin1');
    await answers;
    await expect.poll(() => served.map(({ body }) => body)).toEqual(['one', 'two', 'three', 'four']);
    expect(served.every(({ way }) => way === 'plain')).toBe(true);
  });

  it('get chunks where no length is said, as one piece or around a large one', async () => {
    await start();
    const text = await ask(await open(), post('/stream', 'x'), /0\r\n\r\n$/);
    const [head, ...rest] = text.split('\r\n\r\n');
    expect(head).toContain('Transfer-Encoding: chunked');
    expect(rest.join('\r\n\r\n')).toBe(
      `4\r\none,\r\n4e20\r\n${'x'.repeat(20_000)}\r\n4\r\n,two\r\n0\r\n\r\n`,
    );
  });

  it('end with their connection where the answer says so', async () => {
    await start();
    const socket = await open();
    const ended = once(socket, 'end');
    const text = await ask(socket, post('/refuse', 'x') + post('/echo', 'never'), /x$/);
    expect(text).toContain('Connection: close\r\n');
    await ended;
    expect(served).toHaveLength(1);
  });

  it('are over when their client goes', async () => {
    await start();
    const socket = await open();
    socket.write(post('/hold', 'x'));
    await expect.poll(() => held.length).toBe(1);
    socket.destroy();
    await expect.poll(() => closed).toBe(1);
  });

  it('are no longer served when they cannot come any more', async () => {
    await start();
    const socket = await open();
    const ended = once(socket, 'close');
    socket.end(post('/echo', 'body').slice(0, -2));
    await ended;
    expect(served).toEqual([]);
  });
});

describe('what is not plain', () => {
  it.each([
    ['another path', 'POST /other HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx', /x$/],
    ['another method', 'GET /echo HTTP/1.1\r\nHost: a\r\n\r\n', /\r\n\r\n$/],
    [
      'chunks',
      'POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n',
      /x$/,
    ],
    [
      'a head of two lengths',
      'POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx',
      /^HTTP\/1.1 400/,
    ],
    ['no HTTP', 'hello\r\n\r\n', /^HTTP\/1.1 400/],
    [
      'a head that is too large',
      `POST /echo HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(9_000)}\r\n\r\n`,
      /^HTTP\/1.1 431/,
    ],
  ])('goes to node’s server: %s', async (_what, text, answer) => {
    await start();
    const socket = await open();
    await ask(socket, post('/echo', 'first'), /first$/);
    await ask(socket, text, answer);
    expect(served[0]?.way).toBe('plain');
    expect(served.slice(1).every(({ way }) => way === 'node')).toBe(true);
  });

  it('takes its connection with it, and loses nothing that was sent ahead', async () => {
    await start();
    const socket = await open();
    const other = 'POST /other HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\ntwo';
    await ask(socket, post('/echo', 'one') + other + post('/echo', 'three'), /three$/);
    await ask(socket, post('/echo', 'four'), /four$/);
    expect(served).toEqual([
      { way: 'plain', url: '/echo', body: 'one' },
      { way: 'node', url: '/other', body: 'two' },
      { way: 'node', url: '/echo', body: 'three' },
      { way: 'node', url: '/echo', body: 'four' },
    ]);
  });

  it('is a head in pieces, wherever it is cut', async () => {
    await start();
    const text = post('/echo', 'body');
    const headBytes = text.length - 'body'.length;
    for (const at of [1, 20, headBytes - 1]) {
      const socket = await open();
      socket.setNoDelay(true);
      socket.write(text.slice(0, at));
      await new Promise((resolve) => setTimeout(resolve, 20));
      await ask(socket, text.slice(at), /body$/);
    }
    expect(served.map(({ way, body }) => [way, body])).toEqual(Array(3).fill(['node', 'body']));
  });

  it('is a body that does not come, for node to give up', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    await start();
    const socket = await open();
    const text = post('/echo', 'slow body');
    socket.setNoDelay(true);
    socket.write(text.slice(0, -6));
    for (let left = 6; left > 2; left--) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      socket.write(text.slice(-left, 1 - left));
      vi.advanceTimersByTime(5_000);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
    await ask(socket, text.slice(-2), /slow body$/);
    expect(served).toEqual([{ way: 'node', url: '/echo', body: 'slow body' }]);
  });

  it('is a large body', async () => {
    await start();
    const body = 'b'.repeat(300_000);
    await ask(await open(), post('/echo', body), `\r\n\r\n${body}`);
    expect(served[0]?.way).toBe('node');
  });

  it('is what does not fit beside other bodies that are not whole', async () => {
    await start();
    const half = post('/echo', 'b'.repeat(250_000)).slice(0, 200_000);
    for (let count = 0; count < 90; count++) (await open()).write(half);
    await expect.poll(() => sockets.every((socket) => socket.writableLength === 0)).toBe(true);
    const socket = await open();
    const body = 'b'.repeat(250_000);
    await ask(socket, post('/echo', body), `\r\n\r\n${body}`);
    expect(served).toMatchObject([{ way: 'node' }]);
  });
});

describe('connections of plain requests', () => {
  it('are closed after a time without any, and not in the middle of one', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    await start();
    const [idle, busy] = [await open(), await open()];
    await ask(idle, post('/echo', 'x'), /x$/);
    busy.write(post('/hold', 'x'));
    await expect.poll(() => held.length).toBe(1);
    const ended = once(idle, 'close');
    vi.advanceTimersByTime(70_000);
    await ask(idle, post('/echo', 'y'), /y$/);
    vi.advanceTimersByTime(200_000);
    await ended;
    held[0]?.writeHead(200, ['content-length', '4']);
    held[0]?.end('done', 'latin1');
    await ask(busy, post('/echo', 'z'), /done.*z$/s);
  });

  it('are closed when the listener stops: idle ones at once, others after their answer', async () => {
    await start();
    const [idle, busy] = [await open(), await open()];
    await ask(idle, post('/echo', 'x'), /x$/);
    const answer = ask(busy, post('/hold', 'x'), /done$/);
    await expect.poll(() => held.length).toBe(1);
    const ended = [once(idle, 'close'), once(busy, 'close')];
    listener.stopAccepting();
    await ended[0];
    const closing = listener.close(5_000);
    held[0]?.writeHead(200, ['content-length', '4']);
    held[0]?.end('done', 'latin1');
    await answer;
    await ended[1];
    await closing;
  });
});

it('never writes a header that ends its line', async () => {
  const socket = { destroyed: false, writableLength: 0 } as Socket;
  const answer = new PlainAnswer(socket, { answered: () => undefined });
  expect(() => answer.writeHead(200, ['x-one', 'a\r\nset-cookie: b'])).toThrow(TypeError);
  listener = { close: async () => undefined } as Listener;
});
