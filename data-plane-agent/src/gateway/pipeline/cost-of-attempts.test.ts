import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Price } from '@bonito/protocol';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startTestGateway, TEST_KEY, type TestGateway, type TestTarget } from './fixtures/test-gateway.ts';

const MILLION = 1_000_000;
/** One nano-USD for a token in, ten for one out; half of it under flex, double under priority. */
const TIERED: Price = {
  revision: 'standard',
  per_million: { input: MILLION, output: 10 * MILLION },
  variants: [
    { tier: 'flex', revision: 'flex', per_million: { input: MILLION / 2, output: 5 * MILLION } },
    { tier: 'priority', revision: 'priority', per_million: { input: 2 * MILLION, output: 20 * MILLION } },
    { geography: 'us', revision: 'us', per_million: { input: 3 * MILLION, output: 30 * MILLION } },
  ],
};
const OPENAI_USAGE = { prompt_tokens: 100, completion_tokens: 10, total_tokens: 110 };
const CHAT = { model: 'mine', messages: [{ role: 'user', content: 'hi' }] };

describe('what an attempt costs', () => {
  let upstream: Server;
  let reply: { type: string; body: string };
  let gateway: TestGateway;
  beforeAll(async () => {
    upstream = createServer((request, response) => {
      request.resume().on('end', () => {
        response.writeHead(200, { 'content-type': reply.type }).end(reply.body);
      });
    });
    await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => new Promise((resolve) => upstream.close(resolve)));
  afterEach(() => gateway.close());

  const start = async (price: Price, target: Partial<TestTarget> = {}) => {
    const baseUrl = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}/v1`;
    const mine = { baseUrl, upstreamModel: 'theirs', ...target, deployment: { price, ...target.deployment } };
    gateway = await startTestGateway({ models: { mine } });
  };
  const send = async (path: string, body: object) => {
    const answer = await gateway.post(path, body);
    expect(answer.status).toBe(200);
    await answer.arrayBuffer();
    const [attempt] = (await gateway.settled(1))[0]?.attempts ?? [];
    return { attempt, header: answer.headers.get('x-bonito-cost') };
  };
  const answers = (body: object) => {
    reply = { type: 'application/json', body: JSON.stringify(body) };
  };
  const chatAnswer = (more: object) => ({
    id: 'c',
    object: 'chat.completion',
    choices: [{ index: 0, message: { role: 'assistant', content: 'hello' }, finish_reason: 'stop' }],
    usage: OPENAI_USAGE,
    ...more,
  });

  it.each([
    ['the standard tier by its word', undefined, 'default', 'standard', 200],
    ['the tier of the answer', 'auto', 'flex', 'flex', 100],
    ['the tier of the answer, not the asked one', 'priority', 'default', 'standard', 200],
    ['the asked tier where the answer names none', 'priority', undefined, 'priority', 400],
    ['nothing known for a tier without figures', undefined, 'scale', 'unpriced', 0],
  ])('is by %s', async (_name, asked, answered, price_revision, cost_nanos) => {
    await start(TIERED);
    answers(chatAnswer({ service_tier: answered }));
    const { attempt, header } = await send('/v1/chat/completions', { ...CHAT, service_tier: asked });
    expect(attempt).toMatchObject({ price_revision, cost_nanos, tokens: { input: 100, output: 10 } });
    expect(header === null).toBe(price_revision === 'unpriced');
  });

  it('is one price for all tiers where the price says nothing of them', async () => {
    const { variants: _, ...price } = TIERED;
    await start(price);
    answers(chatAnswer({ service_tier: 'priority' }));
    const { attempt } = await send('/v1/chat/completions', CHAT);
    expect(attempt).toMatchObject({ price_revision: 'standard', cost_nanos: 200 });
  });

  it('is by the tier of a stream’s last chunk', async () => {
    await start(TIERED);
    const chunk = (more: object) => `data: ${JSON.stringify({ id: 'c', service_tier: 'flex', ...more })}\n\n`;
    const delta = { choices: [{ index: 0, delta: { content: 'hello' }, finish_reason: 'stop' }] };
    const body = `${chunk(delta)}${chunk({ choices: [], usage: OPENAI_USAGE })}data: [DONE]\n\n`;
    reply = { type: 'text/event-stream', body };
    const { attempt } = await send('/v1/chat/completions', { ...CHAT, stream: true });
    expect(attempt).toMatchObject({ price_revision: 'flex', cost_nanos: 100 });
  });

  it('is by tier and geography of a translated answer', async () => {
    await start(TIERED, { provider: { kind: 'anthropic' }, deployment: { family: 'claude' } });
    answers({
      ...{ id: 'm', type: 'message', role: 'assistant', model: 'theirs', stop_reason: 'end_turn' },
      content: [{ type: 'text', text: 'hello' }],
      usage: { input_tokens: 100, output_tokens: 10, service_tier: 'standard', inference_geo: 'us' },
    });
    const { attempt } = await send('/v1/chat/completions', CHAT);
    expect(attempt).toMatchObject({ price_revision: 'us', cost_nanos: 600 });
  });

  it.each([
    ['by the search', { searches: 2_000 * MILLION }, 'r', 2_000],
    ['not at all where searches have no price', { input: MILLION, output: MILLION }, 'unpriced', 0],
  ])('is paid %s for a rerank', async (_name, per_million, price_revision, cost_nanos) => {
    await start({ revision: 'r', per_million });
    answers({ results: [{ index: 0, relevance_score: 0.5 }], meta: { billed_units: { search_units: 1 } } });
    const { attempt } = await send('/v1/rerank', { model: 'mine', query: 'q', documents: ['a'] });
    expect(attempt).toMatchObject({ price_revision, cost_nanos, tokens: { searches: 1 }, quality: 'exact' });
  });

  it.each([
    ['by the character', { characters: 15 * MILLION }, 'r', 75],
    ['not at all where characters have no price', { input: MILLION, audio_output: MILLION }, 'unpriced', 0],
  ])('is paid %s for speech', async (_name, per_million, price_revision, cost_nanos) => {
    await start({ revision: 'r', per_million });
    reply = { type: 'audio/mpeg', body: 'sound' };
    const { attempt } = await send('/v1/audio/speech', { model: 'mine', voice: 'v', input: 'hell\u{1F600}' });
    expect(attempt).toMatchObject({ price_revision, cost_nanos, tokens: { characters: 5 } });
  });

  it.each([
    ['by the picture', { images: 40_000_000 * MILLION }, 'r', 80_000_000],
    ['not at all where pictures have no price', { input: MILLION, output: MILLION }, 'unpriced', 0],
  ])(
    'is paid %s for pictures that are not counted in tokens',
    async (_name, per_million, price_revision, cost_nanos) => {
      await start({ revision: 'r', per_million });
      answers({ created: 1, data: [{ b64_json: 'AAAA' }, { b64_json: 'AAAA' }] });
      const { attempt } = await send('/v1/images/generations', { model: 'mine', prompt: 'a cat', n: 2 });
      expect(attempt).toMatchObject({ price_revision, cost_nanos, tokens: { images: 2 } });
    },
  );

  it('is unknown where nobody counted a sound, and nothing where capacity is paid by the hour', async () => {
    const free = { input: 0, output: 0, searches: 0, audio_seconds: 0, characters: 0, images: 0 };
    for (const [per_million, price_revision] of [
      [{ audio_seconds: MILLION, input: MILLION, output: MILLION }, 'unpriced'],
      [free, 'r'],
    ] as const) {
      await start({ revision: 'r', per_million });
      reply = { type: 'text/plain', body: 'hello' };
      const form = new FormData();
      form.set('model', 'mine');
      form.set('response_format', 'text');
      form.set('file', new Blob(['sound']), 'a.mp3');
      const answer = await fetch(`${gateway.url}/v1/audio/transcriptions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${TEST_KEY}` },
        body: form,
      });
      expect(await answer.text()).toBe('hello');
      expect((await gateway.settled(1))[0]?.attempts[0]).toMatchObject({ price_revision, cost_nanos: 0 });
      if (price_revision === 'unpriced') await gateway.close();
    }
  });
});
