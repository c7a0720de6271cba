import type { Dispatcher } from 'undici';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { DirectPool } from './direct-pool.ts';
import {
  type Hooks,
  startTestServer,
  TestHandler,
  type TestServer,
  turns,
  until,
  whole,
} from './test-exchange.ts';

const open: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  vi.unstubAllGlobals();
  for (const one of open.splice(0)) await one.close();
});

/** A server that answers each request in two chunks, and one connection to it. */
async function begin(connections = 1): Promise<{ server: TestServer; pool: DirectPool }> {
  const answer = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n';
  const server = await startTestServer(({ socket, body }) => {
    if (String(body) === 'whole') return void socket.write(whole('abcd'));
    socket.write(answer);
    if (String(body) !== 'half') socket.write('2\r\ncd\r\n0\r\n\r\n');
  });
  const pool = new DirectPool({
    ...{ origin: server.origin, proxy: undefined, secureContext: undefined, connections },
    ...{ connectMs: 10_000, refuseMetadata: true },
  });
  open.push({ close: () => pool.destroy() }, server);
  return { server, pool };
}

function send(pool: DirectPool, body: string, hooks: Hooks = {}): TestHandler {
  const handler = new TestHandler(hooks);
  pool.dispatch({ path: '/', method: 'POST', body }, handler);
  return handler;
}

async function expectUsable(pool: DirectPool): Promise<void> {
  const handler = send(pool, 'after');
  await handler.over;
  expect(handler).toMatchObject({ body: 'abcd', error: undefined });
}

const STAGES = ['start', 'head', 'data', 'end'] as const;

describe('what a handler may do', () => {
  it.each(STAGES)('may throw at its %s, which fails its request and no other', async (stage) => {
    for (const body of ['whole', 'chunks']) {
      const { pool } = await begin();
      const thrown = new Error(stage);
      const handler = send(pool, body, {
        [stage]: () => {
          throw thrown;
        },
      });
      const waiting = send(pool, 'waits');
      await handler.over;
      await turns();
      expect(handler.error).toBe(thrown);
      expect(handler.told.filter((word) => word === 'error')).toHaveLength(1);
      await waiting.over;
      expect(waiting.body).toBe('abcd');
      await expectUsable(pool);
    }
  });

  it.each([
    ['for its request', 'half', 'data'],
    ['for one that was never sent', 'whole', 'start'],
  ] as const)(
    'may throw even when it is told of an error %s: all else stays in order',
    async (_name, body, stage) => {
      const raised: (() => void)[] = [];
      const { pool } = await begin();
      vi.stubGlobal('queueMicrotask', (raise: () => void) => void raised.push(raise));
      const handler = send(pool, body, {
        [stage]: () => {
          throw new Error('first');
        },
        error: () => {
          throw new Error('second');
        },
      });
      const waiting = send(pool, 'waits');
      await handler.over;
      await waiting.over;
      expect(waiting.body).toBe('abcd');
      expect(raised).toHaveLength(1);
      expect(raised[0]).toThrow('second');
      await expectUsable(pool);
    },
  );

  it('may throw when it is refused: the others are told all the same', async () => {
    const raised: (() => void)[] = [];
    const { pool } = await begin();
    vi.stubGlobal('queueMicrotask', (raise: () => void) => void raised.push(raise));
    const hooks = {
      error: () => {
        throw new Error('refused');
      },
    };
    const handlers = [send(pool, 'whole', hooks), send(pool, 'whole', hooks), send(pool, 'whole', hooks)];
    await pool.destroy();
    expect(handlers.map(({ error }) => error?.code)).toEqual(['POOL_CLOSED', 'POOL_CLOSED', 'POOL_CLOSED']);
    expect(raised).toHaveLength(3);
  });

  it.each(['start', 'head', 'data'] as const)('may give its request up at its %s', async (stage) => {
    for (const body of ['half', 'whole', 'chunks']) {
      const { pool, server } = await begin();
      const reason = new Error('given up');
      const handler = send(pool, body, {
        [stage]: (controller: Dispatcher.DispatchController) => controller.abort(reason),
      });
      await handler.over;
      await turns();
      expect(handler.error).toBe(reason);
      expect(handler.told).not.toContain('end');
      expect(handler.told.filter((word) => word === 'error')).toHaveLength(1);
      expect(handler.controller).toMatchObject({ aborted: true, reason });
      await expectUsable(pool);
      // A request that was not sent leaves the connection as it was.
      expect(server.sockets).toHaveLength(stage === 'start' ? 1 : 2);
    }
  });

  it('may give its request up between events, twice, and when it is long over', async () => {
    const { pool, server } = await begin();
    const handler = send(pool, 'half');
    await until(() => handler.bytes === 2);
    handler.controller?.abort(new Error('first'));
    handler.controller?.abort(new Error('second'));
    expect(handler.error?.message).toBe('first');
    const over = send(pool, 'whole');
    await over.over;
    await turns();
    over.controller?.abort(new Error('late'));
    over.controller?.pause();
    over.controller?.resume();
    expect(over.error).toBe(undefined);
    await expectUsable(pool);
    expect(server.sockets).toHaveLength(2);
  });

  it('may pause before anything came', async () => {
    const { pool } = await begin();
    const handler = send(pool, 'whole', { start: (controller) => controller.pause() });
    await until(() => handler.controller);
    await turns(50);
    expect(handler.told).toEqual(['start']);
    handler.controller?.resume();
    await handler.over;
    expect(handler.body).toBe('abcd');
  });

  it.each([1, 4])(
    'may send other requests whenever it is told something, with %i connections',
    async (connections) => {
      const { pool, server } = await begin(connections);
      const others: TestHandler[] = [];
      const another = () => void others.push(send(pool, 'whole'));
      const hooks = { start: another, head: another, data: another, end: another };
      const handlers = [send(pool, 'chunks', hooks), send(pool, 'chunks', hooks)];
      await Promise.all(handlers.map(({ over }) => over));
      await Promise.all(others.map(({ over }) => over));
      expect(others.length).toBeGreaterThanOrEqual(8);
      for (const { body } of [...handlers, ...others]) expect(body).toBe('abcd');
      expect(server.sockets.length).toBeLessThanOrEqual(connections);
    },
  );

  it('may try again when it is told of an error', async () => {
    const { pool } = await begin();
    const again = new TestHandler();
    const handler = send(pool, 'half', {
      error: () => void pool.dispatch({ path: '/', method: 'POST', body: 'whole' }, again),
    });
    await until(() => handler.bytes === 2);
    handler.controller?.abort(new Error('given up'));
    await again.over;
    expect(again.body).toBe('abcd');
  });

  it.each(STAGES)('may close the pool at its %s, and has its answer all the same', async (stage) => {
    const { pool } = await begin();
    let closing: Promise<void> | undefined;
    const handler = send(pool, 'whole', {
      [stage]: () => {
        closing = pool.close();
      },
    });
    await handler.over;
    await until(() => closing);
    await closing;
    expect(handler.body).toBe('abcd');
    expect(send(pool, 'whole').error?.code).toBe('POOL_CLOSED');
  });

  it.each(STAGES)('may destroy the pool at its %s', async (stage) => {
    const { pool } = await begin();
    let closing: Promise<void> | undefined;
    const handler = send(pool, 'whole', {
      [stage]: () => {
        closing = pool.destroy();
      },
    });
    await handler.over;
    await until(() => closing);
    await closing;
    expect(handler.error?.code).toBe(stage === 'end' ? undefined : 'POOL_CLOSED');
    expect(handler.told.filter((word) => word === 'end' || word === 'error')).toHaveLength(1);
  });

  it.each([
    ['a path with a line end', { path: '/\r\nx: y' }],
    ['a header with a line end', { headers: ['x', 'a\r\nb: c'] }],
    ['a stream for a body', { body: new ReadableStream() as never }],
  ])('is refused %s before it starts, and the connection is as it was', async (_name, wrong) => {
    const { pool, server } = await begin();
    const handler = new TestHandler();
    pool.dispatch({ path: '/', method: 'POST', ...wrong }, handler);
    await handler.over;
    expect(handler.told).toEqual(['error']);
    expect(handler.error?.code).toBe('REQUEST_MALFORMED');
    await expectUsable(pool);
    expect(server.sockets).toHaveLength(1);
  });
});
