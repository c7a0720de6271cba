import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { dataOf, startTestGateway, type TestGateway } from './fixtures/test-gateway.ts';

let gateway: TestGateway | undefined;
let provider: Server | undefined;

afterEach(async () => {
  await gateway?.close();
  provider?.closeAllConnections();
  provider?.close();
});

/** A chat server that has no Responses API, and streams what is given in one piece. */
async function start(chunks: readonly string[], preset = 'together'): Promise<TestGateway> {
  const stream = chunks.map((chunk) => `data: ${chunk}\n\n`).join('');
  provider = createServer((incoming, outgoing) => {
    incoming.resume();
    outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
    outgoing.end(stream);
  });
  await new Promise<void>((resolve) => provider?.listen(0, '127.0.0.1', resolve));
  const baseUrl = `http://127.0.0.1:${(provider.address() as AddressInfo).port}`;
  const target = { baseUrl, upstreamModel: 'a', provider: { kind: 'openai-compatible', preset } };
  gateway = await startTestGateway({ models: { m: target }, settings: { retries: 0 } });
  return gateway;
}

const chunk = (delta: object) =>
  JSON.stringify({ id: 'chatcmpl-1', created: 5, model: 'a', choices: [{ index: 0, delta }] });

describe('a translated stream of the Responses API that fails after its first words', () => {
  it.each([
    ['is cut off', [chunk({ content: 'Hel' }), chunk({ content: 'lo' })], 'stream_interrupted'],
    ['is malformed', [chunk({ content: 'Hello' }), '{'], 'provider_answer_malformed'],
    [
      'ends in the provider’s error',
      [chunk({ content: 'Hello' }), '{"error":{"message":"Too many.","code":"rate_limit_exceeded"}}'],
      'rate_limit_exceeded',
    ],
  ])('tells of the answer that came, and goes on counting, when it %s', async (_what, chunks, code) => {
    const { post } = await start(chunks);
    const answer = await post('/v1/responses', { model: 'm', input: 'Hi.', stream: true });
    const lines = (await answer.text()).split('\n').filter((line) => line.startsWith('data: '));
    const events = lines.map((line) => JSON.parse(line.slice('data: '.length)) as Record<string, unknown>);
    expect(events.map(({ sequence_number: number }) => number)).toEqual(events.map((_event, index) => index));
    const said = events.flatMap(({ type, delta }) => (type === 'response.output_text.delta' ? [delta] : []));
    expect(said.join('')).toBe('Hello');
    expect(events.at(-2)).toMatchObject({ type: 'error', error: { code } });
    expect(events.at(-1)).toMatchObject({
      type: 'response.failed',
      response: { id: 'resp_1', model: 'a', created_at: 5, status: 'failed', error: { code } },
    });
  });
});

describe('a stream of the Responses API that begins with its failure', () => {
  const created = '{"type":"response.created","sequence_number":0,"response":{"id":"resp_1","error":null}}';
  const packed = { code: 'context_length_exceeded', message: 'Too long.' };
  it.each([
    [
      'a failed response',
      { type: 'response.failed', response: { id: 'resp_1', status: 'failed', error: packed } },
    ],
    [
      'an error with its members inside',
      { type: 'error', error: { ...packed, type: 'invalid_request_error' } },
    ],
    [
      'an error with its members beside its type',
      { type: 'error', sequence_number: 1, ...packed, param: null },
    ],
  ])('%s is told where agents look for it: in the stream', async (_what, event) => {
    const { post, settled } = await start([created, JSON.stringify(event)], 'openai');
    const answer = await post('/v1/responses', { model: 'm', input: 'Hi.', stream: true });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toContain('text/event-stream');
    const [said, failed] = dataOf((await answer.text()).replaceAll(/^event: .*\n/gm, '')).map((data) =>
      JSON.parse(data),
    );
    expect(said).toMatchObject({ type: 'error', ...packed });
    expect(failed).toMatchObject({ type: 'response.failed', response: { status: 'failed', error: packed } });
    expect((await settled(1))[0]).toMatchObject({ outcome: 'error', error_code: 'request_too_large' });
  });

  it('is answered with the status that OpenAI has for it where it is another one', async () => {
    const event = { type: 'error', code: 'rate_limit_exceeded', message: 'Too many.', param: null };
    const { post } = await start([created, JSON.stringify(event)], 'openai');
    const answer = await post('/v1/responses', { model: 'm', input: 'Hi.', stream: true });
    expect(answer.status).toBe(429);
    expect(await answer.json()).toMatchObject({ error: { code: 'rate_limit_exceeded' } });
  });

  it('is answered with a status to who asked for no stream', async () => {
    const failed = JSON.stringify({ error: { ...packed, type: 'invalid_request_error' } });
    provider = createServer((incoming, outgoing) => {
      incoming.resume();
      outgoing.writeHead(400, { 'content-type': 'application/json' }).end(failed);
    });
    await new Promise<void>((resolve) => provider?.listen(0, '127.0.0.1', resolve));
    const baseUrl = `http://127.0.0.1:${(provider.address() as AddressInfo).port}`;
    gateway = await startTestGateway({ models: { m: { baseUrl, upstreamModel: 'a' } } });
    for (const stream of [false, true]) {
      const answer = await gateway.post('/v1/responses', { model: 'm', input: 'Hi.', stream });
      expect(answer.status).toBe(stream ? 200 : 400);
      expect(await answer.text()).toContain('context_length_exceeded');
    }
  });
});
