import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Dispatcher } from 'undici';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Reach } from '../create-dispatcher.ts';
import { DirectPool } from './direct-pool.ts';
import {
  type Received,
  startTestServer,
  TestHandler,
  type TestServer,
  turns,
  until,
  whole,
} from './test-exchange.ts';

const open: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  vi.useRealTimers();
  for (const one of open.splice(0)) await one.close();
});

async function serve(
  answer: (received: Received) => void,
  options: Parameters<typeof startTestServer>[1] = {},
): Promise<TestServer> {
  const server = await startTestServer(answer, options);
  open.push(server);
  return server;
}

function poolOf({ origin }: { origin: string }, more: Partial<Reach> = {}): DirectPool {
  const pool = new DirectPool({
    ...{ origin, proxy: undefined, secureContext: undefined, connections: 8, connectMs: 10_000 },
    ...{ refuseMetadata: true, ...more },
  });
  open.unshift({ close: () => pool.destroy() });
  return pool;
}

function send(
  pool: DirectPool,
  options: Partial<Dispatcher.DispatchOptions> = {},
  handler = new TestHandler(),
): TestHandler {
  pool.dispatch({ path: '/', method: 'POST', body: 'question', ...options }, handler);
  return handler;
}

async function answered(pool: DirectPool): Promise<TestHandler> {
  const handler = send(pool);
  await handler.over;
  await turns();
  return handler;
}

const echo = ({ socket, connection, body }: Received) => void socket.write(whole(`${connection} ${body}`));

describe('DirectPool', () => {
  it('sends requests and reads their answers over one connection', async () => {
    const server = await serve(echo);
    const pool = poolOf(server);
    for (let count = 0; count < 3; count++) {
      const handler = await answered(pool);
      expect(handler).toMatchObject({ status: 200, body: '0 question' });
      expect(handler.told).toEqual(['start', 'head', 'data', 'end']);
    }
    expect(server.sockets).toHaveLength(1);
  });

  it('writes the head and the body as they were given', async () => {
    const heads: string[] = [];
    const server = await serve(({ socket, head }) => {
      heads.push(head);
      socket.write(whole(''));
    });
    const pool = poolOf(server);
    const headers = ['x-one', '1', 'Content-Length', '99', 'Connection', 'close'];
    await send(pool, { path: '/v1?a=b', headers }).over;
    await send(pool, { method: 'GET', body: null, headers: { 'x-two': ['2', '3'] } }).over;
    expect(heads).toEqual([
      `POST /v1?a=b HTTP/1.1\r\nhost: 127.0.0.1:${server.port}\r\nconnection: keep-alive\r\nx-one: 1\r\ncontent-length: 8`,
      `GET / HTTP/1.1\r\nhost: 127.0.0.1:${server.port}\r\nconnection: keep-alive\r\nx-two: 2\r\nx-two: 3`,
    ]);
  });

  it('opens no more connections than it may, and serves those that wait in their order', async () => {
    const received: Received[] = [];
    const server = await serve((one) => void received.push(one));
    const pool = poolOf(server, { connections: 2 });
    const handlers = ['a', 'b', 'c', 'd', 'e'].map((body) => send(pool, { body }));
    const order: string[] = [];
    for (let count = 0; count < 5; count++) {
      await until(() => received.length > 0);
      const one = received.shift();
      order.push(String(one?.body));
      one?.socket.write(whole(String(one.body)));
    }
    await Promise.all(handlers.map(({ over }) => over));
    expect(order).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(handlers.map(({ body }) => body)).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(server.sockets).toHaveLength(2);
  });

  it('waits for a connection that was just freed, and opens no other', async () => {
    const server = await serve(echo);
    const pool = poolOf(server);
    const second = new TestHandler();
    send(pool, {}, new TestHandler({ end: () => void send(pool, {}, second) }));
    await second.over;
    await turns();
    expect(second.body).toBe('0 question');
    expect(server.sockets).toHaveLength(1);
  });

  it('uses the connection next that was used last', async () => {
    const received: Received[] = [];
    const server = await serve((one) => void received.push(one));
    const pool = poolOf(server);
    const handlers = [send(pool, { body: 'a' }), send(pool, { body: 'b' })];
    await until(() => received.length === 2);
    for (const body of ['b', 'a']) {
      const one = received.find((each) => String(each.body) === body);
      one?.socket.write(whole(''));
      await handlers[body === 'a' ? 0 : 1]?.over;
      await turns();
    }
    const usedLast = received.find((each) => String(each.body) === 'a')?.connection;
    send(pool, { body: 'c' });
    await until(() => received.length === 3);
    expect(received[2]?.connection).toBe(usedLast);
  });

  it.each([
    ['without a hint', [], 59_500, 500],
    ['a second before the hint', ['keep-alive: timeout=10'], 8_500, 500],
    ['at most ten minutes', ['keep-alive: timeout=999999'], 599_500, 500],
  ])('closes idle connections: %s', async (_name, lines, kept, more) => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const server = await serve(({ socket }) => void socket.write(whole('', ...lines)));
    const pool = poolOf(server);
    await answered(pool);
    vi.advanceTimersByTime(kept);
    await turns();
    expect(server.sockets[0]?.readableEnded).toBe(false);
    await answered(pool);
    expect(server.sockets).toHaveLength(1);
    vi.advanceTimersByTime(kept);
    await turns();
    expect(server.sockets[0]?.readableEnded).toBe(false);
    vi.advanceTimersByTime(more);
    await until(() => server.sockets[0]?.destroyed);
    expect(vi.getTimerCount()).toBe(0);
    expect((await answered(pool)).status).toBe(200);
    expect(server.sockets).toHaveLength(2);
  });

  it('keeps connections for less time than a server that closed one was seen to', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
    const server = await serve(echo);
    const pool = poolOf(server);
    await answered(pool);
    vi.advanceTimersByTime(10_000);
    server.sockets[0]?.end();
    await until(() => server.sockets[0]?.destroyed);
    await turns();
    await answered(pool);
    vi.advanceTimersByTime(8_500);
    await turns();
    expect(server.sockets[1]?.readableEnded).toBe(false);
    vi.advanceTimersByTime(500);
    await until(() => server.sockets[1]?.destroyed);
  });

  it.each(['keep-alive: timeout=1', 'connection: close'])('keeps no connection after %s', async (line) => {
    const server = await serve(({ socket }) => void socket.write(whole('', line)));
    const pool = poolOf(server);
    await answered(pool);
    await until(() => server.sockets[0]?.destroyed);
    expect((await answered(pool)).status).toBe(200);
  });

  it('fails a request when nothing listens, one for each try', async () => {
    const server = await startTestServer(echo);
    await server.close();
    const pool = poolOf(server, { connections: 1 });
    const handlers = [send(pool), send(pool)];
    await Promise.all(handlers.map(({ over }) => over));
    for (const handler of handlers) {
      expect(handler.told).toEqual(['error']);
      expect(handler.error?.code).toBe('ECONNREFUSED');
    }
  });

  it('gives up connecting in time, TLS included', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const silent = createServer();
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const address = silent.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const pool = poolOf({ origin: `https://127.0.0.1:${port}` }, { connectMs: 1_000, connections: 1 });
    const first = send(pool);
    const second = send(pool);
    const [accepted] = await once(silent, 'connection');
    vi.advanceTimersByTime(999);
    await turns();
    expect(first.told).toEqual([]);
    vi.advanceTimersByTime(1);
    await first.over;
    expect(first.error).toMatchObject({
      code: 'CONNECT_TIMEOUT',
      message: expect.stringContaining('connect'),
    });
    expect(second.told).toEqual([]);
    const [other] = await once(silent, 'connection');
    accepted.destroy();
    other.destroy();
    await second.over;
    expect(second.error?.code).toBe('OTHER_SIDE_CLOSED');
    silent.close();
  });

  it('has no limit on a request once it is connected', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const received: Received[] = [];
    const server = await serve((one) => void received.push(one));
    const handler = send(poolOf(server, { connectMs: 1_000 }));
    await until(() => received.length > 0);
    vi.advanceTimersByTime(3_600_000);
    received[0]?.socket.write(whole('late'));
    await handler.over;
    expect(handler.body).toBe('late');
  });

  it('does not use a connection that the server has closed', async () => {
    const server = await serve(echo);
    const pool = poolOf(server);
    await answered(pool);
    server.sockets[0]?.end();
    await until(() => server.sockets[0]?.destroyed);
    await turns();
    expect(await answered(pool)).toMatchObject({ body: '1 question' });
  });

  it('trusts no idle connection once a server broke one off under a request', async () => {
    const seen = new Map<number, number>();
    const received: Received[] = [];
    const server = await serve((one) => {
      const before = seen.get(one.connection) ?? 0;
      seen.set(one.connection, before + 1);
      if (before > 0) one.socket.destroy();
      else received.push(one);
    });
    const pool = poolOf(server);
    const first = [send(pool), send(pool), send(pool)];
    await until(() => received.length === 3);
    for (const one of received) one.socket.write(whole(''));
    await Promise.all(first.map(({ over }) => over));
    await turns();
    const again = new TestHandler();
    const lost = send(pool, {}, new TestHandler({ error: () => void send(pool, {}, again) }));
    await until(() => received.length === 4);
    received[3]?.socket.write(whole('back'));
    await again.over;
    expect(lost.error?.code).toBe('OTHER_SIDE_CLOSED');
    expect(again.body).toBe('back');
    expect(server.sockets).toHaveLength(4);
  });

  it('closes a connection on which the server speaks unasked', async () => {
    const server = await serve(echo);
    const pool = poolOf(server);
    await answered(pool);
    server.sockets[0]?.write(whole('not for you'));
    await until(() => server.sockets[0]?.destroyed);
    expect(await answered(pool)).toMatchObject({ body: '1 question' });
  });

  it('gives no request what came behind the answer to another', async () => {
    const server = await serve(({ socket, connection }) => {
      socket.write(whole(`${connection}`) + whole('not for you'));
    });
    const pool = poolOf(server, { connections: 1 });
    const handlers = [send(pool), send(pool)];
    await Promise.all(handlers.map(({ over }) => over));
    expect(handlers.map(({ body, told }) => [body, told.at(-1)])).toEqual([
      ['0', 'end'],
      ['1', 'end'],
    ]);
  });

  it('fails a request when the server speaks first', async () => {
    const server = await serve(() => undefined, {
      connected: (socket) => void socket.write('SSH-2.0\r\n\r\n'),
    });
    const handler = send(poolOf(server));
    await handler.over;
    expect(handler.error?.code).toBe('ANSWER_MALFORMED');
    expect(server.sockets).toHaveLength(1);
  });

  it('does not go on connecting to a server that closes every connection', async () => {
    // The connection is gone before it could be used.
    vi.useFakeTimers({ toFake: ['setImmediate'] });
    const server = await serve(() => undefined, { connected: (socket) => void socket.destroy() });
    const pool = poolOf(server);
    const handler = send(pool);
    await handler.over;
    expect(handler.told).toEqual(['error']);
    vi.runOnlyPendingTimers();
    vi.useRealTimers();
    await turns();
    expect(server.sockets).toHaveLength(1);
    await send(pool).over;
    await turns();
    expect(server.sockets).toHaveLength(2);
  });

  it.each([
    ['nothing', ''],
    ['a part of the head', 'HTTP/1.1 200 OK\r\ncontent-le'],
    ['a part of the body', 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nab'],
    ['a part of a chunk', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nab'],
    ['all chunks but the last', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n'],
    ['an open trailer', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n'],
    ['an informational answer', 'HTTP/1.1 100 Continue\r\n\r\n'],
  ])('fails when the connection ends after %s', async (_name, text) => {
    const server = await serve(({ socket }) => void socket.end(text));
    const handler = send(poolOf(server));
    await handler.over;
    expect(handler.error?.code).toBe('OTHER_SIDE_CLOSED');
    expect(handler.told).not.toContain('end');
  });

  it('reads a body until the connection ends', async () => {
    const server = await serve(({ socket }) => void socket.end('HTTP/1.1 200 OK\r\n\r\nall of it'));
    expect(await answered(poolOf(server))).toMatchObject({ body: 'all of it', error: undefined });
  });

  it('hands over at once what came at once', async () => {
    const chunks = Array.from({ length: 50 }, () => '2\r\nab\r\n').join('');
    const server = await serve(({ socket }) => {
      socket.write(`HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${chunks}0\r\n\r\n`);
    });
    const pieces: number[] = [];
    const handler = new TestHandler({ data: (_controller, chunk) => void pieces.push(chunk.length) });
    await send(poolOf(server), {}, handler).over;
    expect(pieces).toEqual([100]);
  });

  it('stops reading while the handler is paused', async () => {
    const size = 24 * 1024 * 1024;
    const server = await serve(({ socket, body }) => {
      if (String(body) === 'next') return void socket.write(whole('next'));
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${size}\r\n\r\n`);
      socket.write(Buffer.alloc(size));
    });
    const paused = Promise.withResolvers<void>();
    const handler = new TestHandler({
      data(controller) {
        controller.pause();
        paused.resolve();
      },
    });
    const pool = poolOf(server);
    send(pool, {}, handler);
    await paused.promise;
    const before = handler.bytes;
    await turns(200);
    expect(handler.bytes).toBe(before);
    expect(server.sockets[0]?.writableLength).toBeGreaterThan(0);
    while (handler.told.at(-1) !== 'end') {
      handler.controller?.resume();
      await turns(1);
    }
    expect(handler.bytes).toBe(size);
    // It ended while it was paused, and the connection is good for the next.
    await turns();
    const next = send(pool, { body: 'next' });
    await next.over;
    expect(next.body).toBe('next');
    expect(server.sockets).toHaveLength(1);
  });

  it('knows that answers to HEAD have no body', async () => {
    const server = await serve(({ socket, head }) => {
      socket.write(head.startsWith('HEAD') ? 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n' : whole('next'));
    });
    const pool = poolOf(server, { connections: 1 });
    const [first, next] = [send(pool, { method: 'HEAD', body: null }), send(pool)];
    await next.over;
    expect(first).toMatchObject({ told: ['start', 'head', 'end'], headers: { 'content-length': '9' } });
    expect(next.body).toBe('next');
  });

  it('sends a large body, and not a byte less', async () => {
    const body = Buffer.alloc(32 * 1024 * 1024, 'x');
    const server = await serve(() => undefined, {
      connected(socket) {
        let head: number | undefined;
        let got = 0;
        socket.on('data', (bytes: Buffer) => {
          head ??= bytes.indexOf('\r\n\r\n') + 4;
          got += bytes.length;
          if (got === head + body.length) socket.write(whole('all'));
        });
        return true;
      },
    });
    const handler = send(poolOf(server), { body });
    await handler.over;
    expect(handler).toMatchObject({ status: 200, body: 'all' });
  });

  it('takes an answer that comes before the body was sent, and ends the connection', async () => {
    const early = 'HTTP/1.1 413 Too Large\r\ncontent-length: 2\r\n\r\nno';
    const server = await serve(echo, {
      connected(socket) {
        if (server.sockets.length > 1) return;
        socket.pause();
        socket.write(early);
      },
    });
    const pool = poolOf(server);
    // The answer is there before the request: it is not read before that is being written.
    const handler = send(pool, { body: Buffer.alloc(32 * 1024 * 1024) });
    await handler.over;
    expect(handler).toMatchObject({ status: 413, body: 'no', error: undefined });
    server.sockets[0]?.resume();
    await until(() => server.sockets[0]?.destroyed);
    expect(await answered(pool)).toMatchObject({ body: '1 question' });
  });
});

describe('closing a DirectPool', () => {
  it('lets requests end that were taken, those that wait included', async () => {
    const received: Received[] = [];
    const server = await serve((one) => void received.push(one));
    const pool = poolOf(server, { connections: 1 });
    const handlers = [send(pool), send(pool)];
    await until(() => received.length === 1);
    let closed = false;
    const closing = pool.close().then(() => {
      closed = true;
    });
    const late = send(pool);
    expect(late.error?.code).toBe('POOL_CLOSED');
    received[0]?.socket.write(whole('first'));
    await until(() => received.length === 2);
    expect(closed).toBe(false);
    received[1]?.socket.write(whole('second'));
    await closing;
    expect(handlers.map(({ body }) => body)).toEqual(['first', 'second']);
    await until(() => server.sockets.every(({ destroyed }) => destroyed));
  });

  it('ends at once when nothing goes on, idle connections or not', async () => {
    const server = await serve(echo);
    const pool = poolOf(server);
    await answered(pool);
    await pool.close();
    await poolOf(server).close();
    await until(() => server.sockets[0]?.destroyed);
  });

  it('cuts what goes on and refuses what waits when it is destroyed', async () => {
    const received: Received[] = [];
    const server = await serve((one) => void received.push(one));
    const pool = poolOf(server, { connections: 1 });
    const handlers = [send(pool), send(pool)];
    await until(() => received.length === 1);
    await pool.destroy();
    expect(handlers.map(({ error }) => error?.code)).toEqual(['POOL_CLOSED', 'POOL_CLOSED']);
    expect(handlers.map(({ told }) => told)).toEqual([['start', 'error'], ['error']]);
  });

  it('is destroyed while it connects', async () => {
    const server = await serve(echo);
    const pool = poolOf(server);
    const handler = send(pool);
    await pool.destroy();
    expect(handler.error?.code).toBe('POOL_CLOSED');
  });
});

describe('undici requests over a DirectPool', () => {
  it('asks and reads as it does over others', async () => {
    const server = await serve(
      ({ socket, head }) => void socket.write(whole(head.split('\r\n')[0] ?? '', 'x-one: 1')),
    );
    const { origin } = server;
    const pool = poolOf(server);
    for (let count = 0; count < 2; count++) {
      const answer = await pool.request({
        origin,
        path: '/models',
        method: 'GET',
        headers: ['accept', '*/*'],
      });
      expect([answer.statusCode, answer.headers['x-one']]).toEqual([200, '1']);
      expect(await answer.body.text()).toBe('GET /models HTTP/1.1');
      await turns();
    }
    expect(server.sockets).toHaveLength(1);
  });

  it('fails when its signal says so, and when nothing listens', async () => {
    const server = await serve(() => undefined);
    const { origin } = server;
    const pool = poolOf(server);
    const asked = { origin, path: '/', method: 'GET' } as const;
    const abort = new AbortController();
    const cut = pool.request({ ...asked, signal: abort.signal });
    await until(() => server.sockets[0]?.bytesRead);
    abort.abort();
    await expect(cut).rejects.toMatchObject({ name: 'AbortError' });
    await expect(pool.request({ ...asked, signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: 'AbortError',
    });
    await server.close();
    await turns();
    await expect(pool.request(asked)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('reads a body that is larger than it holds', async () => {
    const size = 8 * 1024 * 1024;
    const server = await serve(({ socket }) => void socket.write(whole('a'.repeat(size))));
    const pool = poolOf(server);
    const { body } = await pool.request({ origin: server.origin, path: '/', method: 'GET' });
    let read = 0;
    for await (const piece of body) {
      read += piece.length;
      await turns(1);
    }
    expect(read).toBe(size);
    const { body: unread } = await pool.request({ origin: server.origin, path: '/', method: 'GET' });
    unread.on('error', () => undefined).destroy();
    await until(() => server.sockets.every(({ destroyed }) => destroyed));
  });
});
