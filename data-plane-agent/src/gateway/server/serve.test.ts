import { once } from 'node:events';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { type Simulator, startSimulator } from '@bonito/simulator';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  startTestGateway,
  TEST_KEY,
  type TestGateway,
  type TestGatewayOptions,
} from '../pipeline/fixtures/test-gateway.ts';

describe('what is asked for, and by whom', () => {
  let simulator: Simulator;
  let gateway: TestGateway | undefined;
  beforeAll(async () => {
    simulator = await startSimulator();
  });
  afterAll(() => simulator.close());
  afterEach(() => gateway?.close());

  const start = async (options: Partial<TestGatewayOptions> = {}) => {
    const target = { baseUrl: `${simulator.url}/v1`, upstreamModel: 'sim/plain' };
    const route = [target, { ...target, upstreamModel: 'sim/echo' }];
    gateway = await startTestGateway({ models: { m: target, 'org/other': target, route }, ...options });
    return gateway;
  };
  const chat = { model: 'm', messages: [{ role: 'user', content: 'hello' }] };
  const codeOf = async (response: Response) =>
    ((await response.json()) as { error: { code: string } }).error.code;

  it.each([
    ['no key', {}, 401, 'missing_api_key'],
    ['an unknown key', { authorization: 'Bearer bn-nobody' }, 401, 'invalid_api_key'],
    ['another scheme', { authorization: `Basic ${TEST_KEY}` }, 401, 'invalid_api_key'],
    [
      'two different keys',
      { authorization: `Bearer ${TEST_KEY}`, 'x-api-key': 'bn-2' },
      401,
      'conflicting_credentials',
    ],
    ['the same key twice', { authorization: `bearer ${TEST_KEY}`, 'api-key': TEST_KEY }, 200, undefined],
    ['x-api-key', { 'x-api-key': TEST_KEY }, 200, undefined],
    ['api-key', { 'api-key': TEST_KEY }, 200, undefined],
  ])('answers %s', async (_what, headers, status, code) => {
    const { url, settled } = await start();
    const response = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers,
      body: JSON.stringify(chat),
    });
    expect(response.status).toBe(status);
    if (code) expect(await codeOf(response)).toBe(code);
    const [record] = await settled(1);
    expect(record?.key_id === null).toBe(code !== undefined);
  });

  it.each<[string, Partial<TestGatewayOptions>, number, string]>([
    ['an expired key', { principal: () => ({ expiresAt: 1_800_000_000_000 }) }, 401, 'expired_api_key'],
    ['a key with an unknown restriction', { principal: () => ({ denied: true }) }, 403, 'key_restricted'],
    ['an organization with one', { snapshot: { denied: true } }, 403, 'key_restricted'],
    ['a key whose route is gone', { principal: () => ({ boundRouteMissing: true }) }, 403, 'route_missing'],
    [
      'a gateway too long alone',
      { snapshot: { maxOfflineSeconds: 60 }, offlineSeconds: 61 },
      503,
      'offline_too_long',
    ],
    [
      'a model outside the allow-list',
      { principal: () => ({ allowedModels: new Set(['route']) }) },
      403,
      'model_not_allowed',
    ],
    ['a gateway without configuration', { snapshot: 'none' }, 503, 'not_ready'],
  ])('refuses %s', async (_what, options, status, code) => {
    const { post } = await start(options);
    const response = await post('/v1/chat/completions', chat);
    expect(response.status).toBe(status);
    expect(await codeOf(response)).toBe(code);
  });

  it('looks at the expiry of a remembered key each time', async () => {
    const started = await start({ principal: () => ({ expiresAt: 1_800_000_000_001 }) });
    expect((await started.post('/v1/chat/completions', chat)).status).toBe(200);
    expect(started.snapshot.remembered.size).toBe(1);
    started.now++;
    expect((await started.post('/v1/chat/completions', chat)).status).toBe(401);
  });

  it('uses the route that a key is bound to, whatever it names', async () => {
    const { post, settled } = await start({ principal: (models) => ({ boundRoute: models.get('route') }) });
    const response = await post('/v1/chat/completions', { ...chat, model: 'whatever' });
    expect(response.headers.get('x-bonito-model')).toBe('route-0');
    expect((await settled(1))[0]).toMatchObject({ requested_id: null, outcome: 'success' });
    expect((await settled(1))[0]?.route_id).not.toBeNull();
  });

  it.each([
    ['no model', {}, 400, 'model'],
    ['a model that is no text', { model: 7 }, 400, 'model'],
    ['a model that nobody knows', { model: 'nope' }, 404, 'model'],
    ['a stream that is no boolean', { model: 'm', stream: 'yes' }, 400, 'stream'],
    ['stream options that are no object', { model: 'm', stream_options: [] }, 400, 'stream_options'],
    ['no JSON', '{"model":', 400, null],
    ['two models', '{"model":"m","MODEL":"org/other"}', 400, null],
  ])('refuses a body with %s', async (_what, body, status, param) => {
    const { post } = await start();
    const response = await post('/v1/chat/completions', body);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error: { param, type: 'invalid_request_error' } });
    expect(response.headers.get('x-should-retry')).toBe('false');
  });

  it('sends the model that it decided on, also where the body names two', async () => {
    const { post } = await start({ principal: () => ({ allowedModels: new Set(['m']) }) });
    simulator.reset();
    const response = await post(
      '/v1/chat/completions',
      '{"model":"forbidden","m\\u006fdel":"m","messages":[]}',
    );
    expect([200, 400]).toContain(response.status);
    expect(Object.keys(simulator.attempts().by_model)).toEqual(['sim/plain']);
  });

  it('refuses a model that cannot do what is asked', async () => {
    const target = {
      baseUrl: `${simulator.url}/v1`,
      upstreamModel: 'sim/plain',
      deployment: { capabilities: ['chat'] },
    };
    const { post } = await start({ models: { m: target } });
    expect(await codeOf(await post('/v1/embeddings', { model: 'm', input: 'x' }))).toBe(
      'capability_mismatch',
    );
  });

  it('lists the models that the key may use', async () => {
    const { url } = await start({
      principal: () => ({ allowedModels: new Set(['org/other', 'route']) }),
    });
    const get = (path: string) => fetch(url + path, { headers: { authorization: `Bearer ${TEST_KEY}` } });
    const list = (await (await get('/v1/models')).json()) as { object: string; data: { id: string }[] };
    expect(list.object).toBe('list');
    expect(list.data.map((model) => model.id)).toEqual(['org/other', 'route']);
    expect(await (await get('/v1/models/org/other')).json()).toMatchObject({
      id: 'org/other',
      object: 'model',
    });
    expect((await get('/v1/models/m')).status).toBe(404);
  });

  it('answers other paths and methods in the shape that clients read', async () => {
    const { url, records } = await start();
    const unknown = await fetch(`${url}/chat/completions`, { method: 'POST', body: '{}' });
    expect([unknown.status, await codeOf(unknown)]).toEqual([404, 'unknown_url']);
    const method = await fetch(`${url}/v1/chat/completions`);
    expect([method.status, method.headers.get('allow')]).toEqual([405, 'POST, OPTIONS']);
    expect((await fetch(`${url}/v1/models`, { method: 'OPTIONS' })).status).toBe(204);
    const head = await fetch(`${url}/v1/models`, { method: 'HEAD', headers: { 'x-api-key': TEST_KEY } });
    expect([head.status, await head.text()]).toEqual([200, '']);
    const query = await fetch(`${url}/v1/models?limit=1`, { headers: { 'x-api-key': TEST_KEY } });
    expect(query.status).toBe(200);
    expect(records, 'lists use nothing').toHaveLength(0);
  });

  it('is ready with a configuration, and alive without one', async () => {
    const ready = await start();
    expect((await fetch(`${ready.url}/health/ready`)).status).toBe(200);
    await ready.close();
    const empty = await start({ snapshot: 'none' });
    expect((await fetch(`${empty.url}/health/ready`)).status).toBe(503);
    expect((await fetch(`${empty.url}/health/live`)).status).toBe(200);
  });

  it('takes a large body, a compressed one, and says 413 to a client that is still sending', async () => {
    const { post, url } = await start({ settings: { bodyLimitBytes: 8_000_000 } });
    const large = { ...chat, messages: [{ role: 'user', content: 'x'.repeat(5_000_000) }] };
    expect((await post('/v1/chat/completions', large)).status).toBe(200);
    const compressed = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${TEST_KEY}`, 'content-encoding': 'gzip' },
      body: gzipSync(JSON.stringify(chat)),
    });
    expect(compressed.status).toBe(200);
    const tooLarge = await post('/v1/chat/completions', 'x'.repeat(40_000_000));
    expect([tooLarge.status, await codeOf(tooLarge)]).toEqual([413, 'body_too_large']);
    expect(gateway?.buffered).toBe(0);
  });

  it('is done with a client that goes away while it sends its body', async () => {
    const { url, settled } = await start();
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    await once(socket, 'connect');
    socket.write(
      `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\napi-key: ${TEST_KEY}\r\ncontent-length: 300000\r\n\r\n{`,
    );
    await expect.poll(() => gateway?.gateway.inFlight()).toBe(1);
    socket.destroy();
    expect((await settled(1))[0]).toMatchObject({ outcome: 'cancelled', status: null, attempts: [] });
  });
});
