import { subscribe } from 'node:diagnostics_channel';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { usageRecordSchema } from '@bonito/protocol';
import { type Simulator, startSimulator } from '@bonito/simulator';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  dataOf,
  startTestGateway,
  TEST_KEY,
  type TestGateway,
  type TestGatewayOptions,
} from './fixtures/test-gateway.ts';

const chat = (model: string, more: object = {}) => ({
  model,
  stream: true,
  messages: [{ role: 'user', content: 'hello there' }],
  ...more,
});

describe('streams', () => {
  let simulator: Simulator;
  let gateway: TestGateway | undefined;
  beforeAll(async () => {
    simulator = await startSimulator();
  });
  afterAll(() => simulator.close());
  beforeEach(() => simulator.reset());
  afterEach(() => gateway?.close());

  const target = (upstreamModel: string, more: object = {}) => ({
    baseUrl: `${simulator.url}/v1`,
    upstreamModel,
    ...more,
  });
  const start = async (options: TestGatewayOptions) => {
    gateway = await startTestGateway(options);
    return gateway;
  };
  const events = async (response: Response) => dataOf(await response.text());

  it('bills the exact figures though the client did not ask for them, and hides their chunk', async () => {
    const { post, settled } = await start({ models: { m: target('sim/words-300') } });
    const response = await post('/v1/chat/completions', chat('m'));
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    expect(response.headers.has('x-bonito-cost')).toBe(false);
    const data = await events(response);
    expect(data.at(-1)).toBe('[DONE]');
    expect(data.slice(0, -1).every((text) => !JSON.parse(text).usage)).toBe(true);
    const [record] = await settled(1);
    expect(usageRecordSchema.parse(record)).toMatchObject({ outcome: 'success', stream: true, status: 200 });
    expect(record?.attempts[0]?.quality).toBe('exact');
    expect(record?.tokens.output).toBe(simulator.attempts().output_tokens);
    expect(record?.time_to_first_token_ms).not.toBeNull();
  });

  it('shows the usage chunk to a client that asked for it', async () => {
    const { post } = await start({ models: { m: target('sim/plain') } });
    const data = await events(
      await post('/v1/chat/completions', chat('m', { stream_options: { include_usage: true } })),
    );
    expect(JSON.parse(data.at(-2) ?? '').usage).toBeTruthy();
  });

  it('does not ask providers for the chunk that refuse the option, and estimates', async () => {
    const { post, settled } = await start({
      models: { m: target('sim/refuse-stream-options', { provider: { stream_options: false } }) },
    });
    expect((await events(await post('/v1/chat/completions', chat('m')))).at(-1)).toBe('[DONE]');
    const [record] = await settled(1);
    expect(record?.attempts[0]).toMatchObject({ outcome: 'success', quality: 'estimated' });
    expect(record?.tokens.output).toBeGreaterThan(0);
  });

  it.each([
    ['is cut', 'sim/cut-after-3', 'stream_interrupted'],
    ['ends without saying so', 'sim/no-done', 'stream_interrupted'],
    ['stalls', 'sim/stall-after-3', 'idle_timeout'],
  ])('ends a stream that %s with an error, once it was seen', async (_what, faulty, code) => {
    const limited = { provider: { time_limits: { idle_ms: 60 } } };
    const { post, settled } = await start({ models: { m: [target(faulty, limited), target('sim/plain')] } });
    const response = await post('/v1/chat/completions', chat('m'));
    const data = await events(response);
    expect(JSON.parse(data.at(-1) ?? '')).toMatchObject({ error: { code } });
    const [record] = await settled(1);
    expect(record).toMatchObject({ outcome: 'error', error_code: code, status: 200 });
    expect(record?.attempts).toHaveLength(1);
    expect(record?.tokens.output).toBeGreaterThan(0);
  });

  it('passes on the provider’s own error in the middle, without a second one', async () => {
    const { post, settled } = await start({ models: { m: target('sim/error-after-3') } });
    const data = await events(await post('/v1/chat/completions', chat('m')));
    expect(data.filter((text) => text !== '[DONE]' && JSON.parse(text).error)).toHaveLength(1);
    expect((await settled(1))[0]).toMatchObject({ outcome: 'error', error_code: 'provider_error' });
  });

  it('fails over unseen when the stream begins with an error', async () => {
    const { post, settled } = await start({
      models: { m: [target('sim/error-after-0'), target('sim/plain')] },
      settings: { retries: 0 },
    });
    const data = await events(await post('/v1/chat/completions', chat('m')));
    expect(data.at(-1)).toBe('[DONE]');
    expect(data.some((text) => text.includes('"error"'))).toBe(false);
    expect((await settled(1))[0]?.attempts.map((attempt) => attempt.outcome)).toEqual(['error', 'success']);
  });

  it('keeps a silent connection open with comments, which do not commit it to the target', async () => {
    const limited = { provider: { time_limits: { first_byte_ms: 100 } } };
    const { post, settled } = await start({
      models: { m: [target('sim/slow-first-byte-60000', limited), target('sim/plain')] },
      settings: { keepAliveCommentMs: 20 },
    });
    const response = await post('/v1/chat/completions', chat('m'));
    const text = await response.text();
    expect(text.startsWith(': ping\n\n')).toBe(true);
    expect(dataOf(text).at(-1)).toBe('[DONE]');
    expect((await settled(1))[0]).toMatchObject({
      outcome: 'success',
      attempts: [{ outcome: 'error' }, { outcome: 'success' }],
    });
  });

  it('says in the stream what the status can no longer say', async () => {
    const { post, settled } = await start({
      models: { m: target('sim/slow-first-byte-100,status-500') },
      settings: { keepAliveCommentMs: 20, retries: 0 },
    });
    const response = await post('/v1/chat/completions', chat('m'));
    expect(response.status).toBe(200);
    const [only] = await events(response);
    expect(JSON.parse(only ?? '')).toHaveProperty('error.message');
    expect((await settled(1))[0]).toMatchObject({ outcome: 'error', error_code: 'provider_error' });
  });

  it('cancels upstream when the client goes away in the middle, and bills what is known', async () => {
    const { url, settled } = await start({ models: { m: target('sim/slow-chunks-20,words-5000') } });
    const abort = new AbortController();
    const response = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${TEST_KEY}` },
      body: JSON.stringify(chat('m')),
      signal: abort.signal,
    });
    await response.body?.getReader().read();
    abort.abort();
    const [record] = await settled(1);
    expect(record).toMatchObject({ outcome: 'cancelled', error_code: 'client_closed', status: 200 });
    expect(record?.attempts).toMatchObject([{ quality: 'estimated', outcome: 'cancelled' }]);
    expect(record?.tokens.output).toBeGreaterThan(0);
    await expect.poll(() => simulator.attempts().aborted).toBe(1);
  });

  it('makes a provider wait for a client that does not read', async () => {
    const { url, settled } = await start({ models: { m: target('sim/huge-30000000') } });
    let waiting = 0;
    const full = new Promise<void>((resolve) => {
      subscribe('net.server.socket', (message) => {
        const { socket } = message as { socket: Socket };
        if (String(socket.localPort) !== new URL(url).port) return;
        const write = socket.write.bind(socket);
        socket.write = (...args: unknown[]) => {
          const room = write(...(args as Parameters<typeof write>));
          waiting = Math.max(waiting, socket.writableLength);
          if (!room) resolve();
          return room;
        };
      });
    });
    const response = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${TEST_KEY}` },
      body: JSON.stringify(chat('m')),
    });
    await full;
    for (let turn = 0; turn < 200; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect((await response.text()).length).toBeGreaterThan(30_000_000);
    expect(waiting).toBeLessThan(2_000_000);
    expect((await settled(1))[0]?.attempts).toMatchObject([{ outcome: 'success', quality: 'exact' }]);
  });

  it.each([undefined, 'text/plain; charset=utf-8', 'application/octet-stream'])(
    'knows a stream whose type says nothing: %s',
    async (type) => {
      const server = createServer((_incoming, outgoing) => {
        outgoing.writeHead(200, type === undefined ? {} : { 'content-type': type });
        outgoing.end('data: {"choices":[{"index":0,"delta":{"content":"hi"}}]}\n\ndata: [DONE]\n\n');
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const { port } = server.address() as AddressInfo;
      const baseUrl = `http://127.0.0.1:${port}/v1`;
      const { post } = await start({ models: { m: { baseUrl, upstreamModel: 'm' } } });
      const response = await post('/v1/chat/completions', chat('m'));
      expect(response.headers.get('content-type')).toContain('text/event-stream');
      expect(await events(response)).toHaveLength(2);
      server.close();
    },
  );

  it('lets streams finish when it stops, and ends them at the deadline', async () => {
    const started = await start({ models: { m: target('sim/plain'), slow: target('sim/stall-after-2') } });
    const quick = started.post('/v1/chat/completions', chat('m'));
    const slow = await started.post('/v1/chat/completions', chat('slow'));
    await (await quick).text();
    const stopped = started.gateway.stop(50);
    const refused = await started.post('/v1/chat/completions', chat('m'));
    expect(refused.status).toBe(503);
    expect(refused.headers.get('connection')).toBe('close');
    await stopped;
    expect(started.gateway.inFlight()).toBe(0);
    const data = await events(slow);
    expect(JSON.parse(data.at(-1) ?? '')).toMatchObject({ error: { code: 'stopping' } });
    expect((await started.settled(2)).at(-1)).toMatchObject({
      outcome: 'error',
      error_code: 'gateway_stopping',
    });
  });
});
