import { usageRecordSchema } from '@bonito/protocol';
import { type Simulator, startSimulator } from '@bonito/simulator';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  startTestGateway,
  TEST_CREDENTIAL,
  TEST_KEY,
  type TestGateway,
  type TestGatewayOptions,
} from './fixtures/test-gateway.ts';

const chat = (model: string) => ({ model, messages: [{ role: 'user', content: 'hello there' }] });

describe('answers in one piece', () => {
  let simulator: Simulator;
  let gateway: TestGateway | undefined;
  beforeAll(async () => {
    simulator = await startSimulator({ credential: TEST_CREDENTIAL });
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

  it('passes the answer on as it came, says what was done, and bills the exact figures', async () => {
    const { post, settled } = await start({ models: { m: target('sim/usage-1000-500') } });
    const response = await post('/v1/chat/completions', chat('m'));
    const body = (await response.json()) as { usage: unknown };
    expect(response.status).toBe(200);
    expect(body.usage).toMatchObject({ prompt_tokens: 1000, completion_tokens: 500 });
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'x-bonito-model': 'm',
      'x-bonito-provider': 'Test provider',
      'x-bonito-attempts': '1',
      'x-bonito-revision': '1.42',
      'x-bonito-cost': '0.00045',
    });
    const [record] = await settled(1);
    expect(usageRecordSchema.parse(record)).toMatchObject({
      request_id: response.headers.get('x-request-id'),
      status: 200,
      outcome: 'success',
      error_code: null,
      cost_nanos: 450_000,
      attempts: [{ status: 200, quality: 'exact', tokens: { input: 1000, output: 500 } }],
    });
  });

  it('serves completions and embeddings', async () => {
    const { post, settled } = await start({ models: { m: target('sim/plain'), e: target('sim/embedding') } });
    const completion = await post('/v1/completions', { model: 'm', prompt: 'hello' });
    const embedding = await post('/v1/embeddings', { model: 'e', input: 'hello' });
    expect([completion.status, embedding.status]).toEqual([200, 200]);
    const records = await settled(2);
    expect(records.map((record) => record.surface)).toEqual(['openai-completions', 'openai-embeddings']);
    expect(records.every((record) => record.attempts[0]?.quality === 'exact')).toBe(true);
  });

  it('sends the provider its own credential and never the client’s key', async () => {
    const { post } = await start({ models: { m: target('sim/plain') } });
    await (await post('/v1/chat/completions', chat('m'), { 'x-api-key': TEST_KEY, cookie: 'a=b' })).json();
    const [attempt] = simulator.listAttempts();
    expect(attempt?.model).toBe('sim/plain');
    expect(attempt?.header_names).not.toContain('x-api-key');
    expect(attempt?.header_names).not.toContain('cookie');
    expect(JSON.stringify(attempt?.headers)).not.toContain(TEST_KEY);
  });

  it('tries again after an error that passes, and bills each attempt once', async () => {
    const { post, settled } = await start({ models: { m: target('sim/status-500;times=2') } });
    const response = await post('/v1/chat/completions', chat('m'));
    expect(response.status).toBe(200);
    expect(response.headers.get('x-bonito-attempts')).toBe('3');
    const [record] = await settled(1);
    expect(record?.attempts.map((attempt) => attempt.status)).toEqual([500, 500, 200]);
    expect(simulator.attempts().total).toBe(3);
  });

  it('does not wait longer than the cap for a provider that asks for it', async () => {
    const { post } = await start({
      models: { m: [target('sim/status-429-retry-after-3600'), target('sim/plain')] },
    });
    const response = await post('/v1/chat/completions', chat('m'));
    expect(response.status).toBe(200);
    expect(simulator.attempts().by_status).toEqual({ '429': 1, '200': 1 });
  });

  it.each([
    ['a server error', 'sim/status-503', 503],
    ['a dropped connection', 'sim/drop', null],
    ['a refused credential', 'sim/status-401', 401],
    ['a web page', 'sim/html-502', 502],
  ])('fails over after %s', async (_what, faulty, status) => {
    const { post, settled } = await start({
      models: { m: [target(faulty), target('sim/plain')] },
      settings: { retries: 0 },
    });
    const response = await post('/v1/chat/completions', chat('m'));
    expect(response.status).toBe(200);
    expect(response.headers.get('x-bonito-model')).toBe('m-1');
    const [record] = await settled(1);
    expect(record?.attempts.map((attempt) => attempt.status)).toEqual([status, 200]);
    expect(record?.outcome).toBe('success');
    expect(gateway?.refused).toBe(status === 401 ? 1 : 0);
  });

  it('keeps the provider’s own error, and does not try elsewhere what the request is at fault for', async () => {
    const { post, settled } = await start({ models: { m: [target('sim/status-400'), target('sim/plain')] } });
    const response = await post('/v1/chat/completions', chat('m'));
    expect(response.status).toBe(400);
    expect(response.headers.get('x-bonito-error-source')).toBe('provider');
    expect(response.headers.get('x-should-retry')).toBe('false');
    expect(await response.json()).toHaveProperty('error.message');
    const [record] = await settled(1);
    expect(record).toMatchObject({ outcome: 'error', error_code: 'invalid_request', cost_nanos: 0 });
    expect(simulator.attempts().total).toBe(1);
  });

  it('passes on a provider’s refusal of the gateway’s credential, as the provider’s', async () => {
    const { post, settled } = await start({ models: { m: target('sim/status-401') } });
    const response = await post('/v1/chat/completions', chat('m'));
    expect(response.status).toBe(401);
    expect(response.headers.get('x-bonito-error-source')).toBe('provider');
    expect(response.headers.get('x-should-retry')).toBe('false');
    expect((await settled(1))[0]?.error_code).toBe('authentication_failed');
  });

  it('says which limit was passed', async () => {
    const limited = { provider: { time_limits: { first_byte_ms: 30 } } };
    const { post, settled } = await start({ models: { m: target('sim/slow-first-byte-60000', limited) } });
    const response = await post('/v1/chat/completions', chat('m'));
    expect(response.status).toBe(504);
    expect(await response.json()).toMatchObject({ error: { code: 'first_byte_timeout' } });
    const [record] = await settled(1);
    expect(record?.attempts).toMatchObject([
      { status: null, quality: 'estimated', error_code: 'first_byte_timeout' },
    ]);
  });

  it('never shows an answer that breaks off', async () => {
    const { post, settled } = await start({
      models: { m: [target('sim/huge-100000,cut-after-2'), target('sim/plain')] },
    });
    const response = await post('/v1/chat/completions', chat('m'));
    expect(response.status).toBe(200);
    await response.json();
    const [record] = await settled(1);
    expect(record?.attempts.at(-1)).toMatchObject({ outcome: 'success', quality: 'exact' });
    expect(record?.attempts[0]).toMatchObject({ outcome: 'error', error_code: 'stream_interrupted' });
  });

  it('streams an answer through that is too large to be held', async () => {
    const { post, settled } = await start({
      models: { m: target('sim/huge-3000000') },
      settings: { answerBufferBytes: 1_000_000 },
    });
    const response = await post('/v1/chat/completions', chat('m'));
    expect((await response.text()).length).toBeGreaterThan(3_000_000);
    expect(response.headers.has('x-bonito-cost')).toBe(false);
    expect((await settled(1))[0]?.attempts).toMatchObject([{ outcome: 'success', quality: 'estimated' }]);
    expect(gateway?.buffered).toBe(0);
  });

  it('estimates what the provider does not tell', async () => {
    const { post, settled } = await start({ models: { m: target('sim/no-usage') } });
    const response = await post('/v1/chat/completions', chat('m'));
    expect(response.headers.has('x-bonito-cost')).toBe(false);
    const [record] = await settled(1);
    expect(record?.attempts[0]?.quality).toBe('estimated');
    expect(record?.tokens.output).toBeGreaterThan(0);
  });

  it('settles a request whose client went away, and cancels it upstream', async () => {
    const { url, settled } = await start({ models: { m: target('sim/slow-first-byte-60000') } });
    const abort = new AbortController();
    const request = fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${TEST_KEY}` },
      body: JSON.stringify(chat('m')),
      signal: abort.signal,
    });
    await expect.poll(() => simulator.attempts().running).toBe(1);
    abort.abort();
    await expect(request).rejects.toThrow();
    const [record] = await settled(1);
    expect(record).toMatchObject({ status: null, outcome: 'cancelled', error_code: 'client_closed' });
    expect(record?.attempts).toMatchObject([{ outcome: 'cancelled', quality: 'estimated' }]);
    await expect.poll(() => simulator.attempts().aborted).toBe(1);
  });

  it('says when the credential is not there, without calling anyone', async () => {
    const { post, settled } = await start({ models: { m: target('sim/plain') }, credential: undefined });
    const response = await post('/v1/chat/completions', chat('m'));
    expect(response.status).toBe(503);
    expect((await settled(1))[0]).toMatchObject({ error_code: 'credential_unavailable', attempts: [] });
    expect(simulator.attempts().total).toBe(0);
  });

  it('puts a target back that keeps failing', async () => {
    const { post, settled } = await start({
      models: { m: [target('sim/status-500'), target('sim/plain')] },
      settings: { retries: 0, breakerFailures: 2 },
    });
    for (let count = 0; count < 4; count++) await (await post('/v1/chat/completions', chat('m'))).json();
    expect((await settled(4)).map((record) => record.attempts.length)).toEqual([2, 2, 1, 1]);
  });
});
