import { once } from 'node:events';
import type { ClientHttp2Session } from 'node:http2';
import { type Simulator, startSimulator } from '@bonito/simulator';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  dataOf,
  startTestGateway,
  TEST_KEY,
  type TestGateway,
  type TestGatewayOptions,
} from '../gateway/pipeline/fixtures/test-gateway.ts';
import { EXACT_POST_PATHS } from '../gateway/server/routing-table.ts';
import { type Listener, openListener } from './open-listener.ts';
import { ask, openSession, readAnswer } from './test-http2-client.ts';

const PATH = '/v1/chat/completions';
const POST = { ':method': 'POST', ':path': PATH, authorization: `Bearer ${TEST_KEY}` };
const chat = (model: string, more: object = {}) =>
  JSON.stringify({ model, messages: [{ role: 'user', content: 'hello there' }], ...more });

describe('the gateway over HTTP/2', () => {
  let simulator: Simulator;
  let gateway: TestGateway;
  let listener: Listener;
  let client: ClientHttp2Session;
  beforeAll(async () => {
    simulator = await startSimulator();
  });
  afterAll(() => simulator.close());
  beforeEach(() => simulator.reset());
  afterEach(async () => {
    client.destroy();
    await listener.close();
    await gateway.close();
  });

  const target = (upstreamModel: string) => ({ baseUrl: `${simulator.url}/v1`, upstreamModel });
  async function start(options: TestGatewayOptions): Promise<void> {
    gateway = await startTestGateway(options);
    listener = await openListener({
      address: { host: '127.0.0.1', port: 0 },
      setting: 'BONITO_LISTEN',
      handler: gateway.gateway.handler,
      connectionLimit: 200,
      headerLimit: 8192,
      http2: true,
      plainPaths: EXACT_POST_PATHS,
    });
    client = openSession(listener.url);
  }

  it('answers whole and streamed, refuses, lists and routes as over HTTP/1', async () => {
    await start({ models: { m: target('sim/plain') } });
    const whole = await ask(client, POST, chat('m'));
    expect(whole).toMatchObject({ status: 200, code: 0, headers: { 'x-bonito-model': 'm' } });
    expect(JSON.parse(whole.text).object).toBe('chat.completion');
    const streamed = await ask(client, POST, chat('m', { stream: true }));
    expect(streamed).toMatchObject({ status: 200, code: 0 });
    expect(dataOf(streamed.text).at(-1)).toBe('[DONE]');

    const [anyone, unknown, models, one, method, nowhere] = await Promise.all([
      ask(client, { ...POST, authorization: 'Bearer no' }, chat('m')),
      ask(client, POST, chat('nobody')),
      ask(client, { ...POST, ':method': 'GET', ':path': '/v1/models' }),
      ask(client, { ...POST, ':method': 'GET', ':path': '/v1/models/m' }),
      ask(client, { ...POST, ':method': 'GET' }),
      ask(client, { ...POST, ':path': '/nowhere' }, '{}'),
    ]);
    expect(anyone).toMatchObject({ status: 401, code: 0 });
    expect(unknown).toMatchObject({ status: 404, code: 0 });
    expect(JSON.parse(models.text).data).toHaveLength(1);
    expect(JSON.parse(one.text)).toMatchObject({ id: 'm' });
    expect(method).toMatchObject({ status: 405, code: 0, headers: { allow: 'POST, OPTIONS' } });
    expect(nowhere).toMatchObject({ status: 404, code: 0 });
    expect(simulator.attempts().total).toBe(2);
  });

  it('refuses bodies that are too large in the client’s own shape, and goes on', async () => {
    await start({ models: { m: target('sim/plain') }, settings: { bodyLimitBytes: 100_000 } });
    for (let round = 0; round < 12; round++) {
      const announced = round % 2 === 0 ? { 'content-length': 1_000_000 } : {};
      const answer = await ask(client, { ...POST, ...announced }, Buffer.alloc(1_000_000, 32));
      expect(answer).toMatchObject({ status: 413 });
      expect(JSON.parse(answer.text)).toMatchObject({ error: { code: 'body_too_large' } });
    }
    for (let round = 0; round < 30; round++) {
      const body = Buffer.alloc(90_000, 32);
      expect(await ask(client, { ...POST, authorization: 'Bearer no' }, body)).toMatchObject({ status: 401 });
    }
    expect(await ask(client, POST, chat('m'))).toMatchObject({ status: 200 });
    expect(gateway.buffered).toBe(0);
  });

  it('cancels upstream when the client resets the stream, and bills what is known', async () => {
    await start({ models: { m: target('sim/slow-chunks-20,words-5000') } });
    const stream = client.request(POST);
    stream.on('error', () => {}).end(chat('m', { stream: true }));
    await once(stream, 'data');
    stream.close(8);
    const [record] = await gateway.settled(1);
    expect(record).toMatchObject({ outcome: 'cancelled', error_code: 'client_closed', status: 200 });
    await expect.poll(() => simulator.attempts().aborted).toBe(1);
    expect(await ask(client, { ...POST, ':method': 'GET', ':path': '/v1/models' })).toMatchObject({
      status: 200,
    });
  });

  it('cancels upstream when the connection goes before a byte of the answer', async () => {
    await start({ models: { m: target('sim/slow-first-byte-60000') } });
    const stream = client.request(POST);
    stream.on('error', () => {}).end(chat('m'));
    await expect.poll(() => gateway.opened.length).toBe(1);
    client.destroy();
    const [record] = await gateway.settled(1);
    expect(record).toMatchObject({ outcome: 'cancelled', error_code: 'client_closed' });
    await expect.poll(() => simulator.attempts().aborted).toBe(1);
  });

  it('gives up a body whose client resets the stream in the middle', async () => {
    await start({ models: { m: target('sim/plain') } });
    const stream = client.request(POST);
    stream.on('error', () => {}).write(chat('m').slice(0, 20));
    await expect.poll(() => gateway.gateway.inFlight()).toBe(1);
    stream.close(8);
    await expect.poll(() => gateway.gateway.inFlight()).toBe(0);
    expect(simulator.attempts().total).toBe(0);
    expect(gateway.buffered).toBe(0);
  });

  it('makes a provider wait for a client that does not read', async () => {
    await start({ models: { m: target('sim/huge-30000000') } });
    const stream = client.request(POST);
    stream.end(chat('m', { stream: true }));
    await once(stream, 'response');
    await new Promise((resolve) => setTimeout(resolve, 300));
    const held = process.memoryUsage().external + process.memoryUsage().arrayBuffers;
    expect(held).toBeLessThan(60_000_000);
    expect((await readAnswer(stream)).text.length).toBeGreaterThan(30_000_000);
    expect((await gateway.settled(1))[0]?.attempts).toMatchObject([{ outcome: 'success', quality: 'exact' }]);
  });

  it('says inside the stream what goes wrong after the commit, and breaks off a body of a promised length', async () => {
    await start({ models: { m: target('sim/cut-after-3') } });
    const { text, code } = await ask(client, POST, chat('m', { stream: true }));
    expect(JSON.parse(dataOf(text).at(-1) ?? '')).toMatchObject({ error: { code: 'stream_interrupted' } });
    expect(code).toBe(0);
  });

  it('says GOAWAY when it stops, and answers what is under way', async () => {
    await start({ models: { m: target('sim/slow-chunks-5,words-60') } });
    const stream = client.request(POST);
    const answered = readAnswer(stream);
    stream.end(chat('m', { stream: true }));
    await once(stream, 'response');
    const goaway = once(client, 'goaway');
    const closed = once(client, 'close');
    listener.stopAccepting();
    const [code] = await goaway;
    expect(code).toBe(0);
    await gateway.gateway.stop(10_000);
    expect(dataOf((await answered).text).at(-1)).toBe('[DONE]');
    await closed;
  });
});
