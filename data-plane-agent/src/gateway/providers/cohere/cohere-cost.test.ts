import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startTestGateway, type TestGateway } from '../../pipeline/fixtures/test-gateway.ts';

const USAGE = {
  billed_units: { input_tokens: 5, output_tokens: 7 },
  tokens: { input_tokens: 70, output_tokens: 9 },
  cached_tokens: 60,
};
const WHOLE = JSON.stringify({
  id: 'i',
  message: { role: 'assistant', content: [{ type: 'text', text: 'hi' }] },
  finish_reason: 'COMPLETE',
  usage: USAGE,
});
const STREAM = [
  { type: 'message-start', id: 'i', delta: { message: { role: 'assistant' } } },
  { type: 'content-start', index: 0, delta: { message: { content: { type: 'text', text: 'hi' } } } },
  { type: 'message-end', delta: { finish_reason: 'COMPLETE', usage: USAGE } },
].map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);

describe('what a chat with Cohere costs', () => {
  let upstream: Server;
  let gateway: TestGateway;
  beforeAll(async () => {
    upstream = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const stream = Buffer.concat(chunks).includes('"stream":true');
        response.setHeader('content-type', stream ? 'text/event-stream' : 'application/json');
        response.end(stream ? STREAM.join('') : WHOLE);
      });
    });
    await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => new Promise((resolve) => upstream.close(resolve)));
  afterEach(() => gateway.close());

  it.each([
    [false, 1, 190],
    [true, 1, 190],
    [false, 2, 380],
  ])('is what it bills, while usage shows the tokens: streamed %s, %i times', async (stream, n, nanos) => {
    const price = { revision: 'r', per_million: { input: 10_000_000, output: 20_000_000 } };
    const baseUrl = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}/v2`;
    const mine = {
      baseUrl,
      upstreamModel: 'command-a',
      provider: { kind: 'cohere' as const },
      deployment: { price },
    };
    gateway = await startTestGateway({ models: { mine } });
    const body = { model: 'mine', messages: [{ role: 'user', content: 'hi' }], stream, n };
    const options = stream ? { stream_options: { include_usage: true } } : {};
    const answer = await gateway.post('/v1/chat/completions', { ...body, ...options });
    expect(await answer.text()).toContain(`"prompt_tokens":${70 * n}`);
    const attempts = (await gateway.settled(1))[0]?.attempts ?? [];
    expect(attempts.reduce((sum, { cost_nanos }) => sum + cost_nanos, 0)).toBe(nanos);
    expect(attempts[0]).toMatchObject({ tokens: { input: 10, cache_read: 60, output: 9 }, quality: 'exact' });
  });
});
