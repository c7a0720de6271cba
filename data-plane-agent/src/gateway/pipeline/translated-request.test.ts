import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import type { FetchedMedia, MediaQuery } from '../ports.ts';
import { startTestGateway, type TestGateway } from './fixtures/test-gateway.ts';

const PICTURE = Buffer.from('a picture');
let gateway: TestGateway | undefined;
let provider: Server | undefined;

afterEach(async () => {
  await gateway?.close();
  provider?.closeAllConnections();
  provider?.close();
});

/** A provider of Gemini's kind, which takes bytes only, or of Anthropic's, which gives one answer, and the bodies it got. */
async function startProvider(statusOf: (call: number) => number): Promise<{ url: string; bodies: string[] }> {
  const bodies: string[] = [];
  provider = createServer((incoming, outgoing) => {
    const pieces: Buffer[] = [];
    incoming.on('data', (piece: Buffer) => pieces.push(piece));
    incoming.on('end', () => {
      const status = statusOf(bodies.push(Buffer.concat(pieces).toString()));
      outgoing.writeHead(status, { 'content-type': 'application/json' });
      const error = { error: { code: status, message: 'no', status: 'INVALID_ARGUMENT' } };
      const parts = [{ text: 'Yes.' }];
      const answer = {
        candidates: [{ content: { role: 'model', parts }, finishReason: 'STOP', index: 0 }],
        usageMetadata: { promptTokenCount: 4, candidatesTokenCount: 1, totalTokenCount: 5 },
      };
      const message = {
        id: 'msg_1',
        type: 'message',
        role: 'assistant',
        model: 'claude',
        content: parts.map(({ text }) => ({ type: 'text', text })),
        stop_reason: 'end_turn',
        usage: { input_tokens: 4, output_tokens: 1 },
      };
      const good = incoming.url?.endsWith('/messages') ? message : answer;
      outgoing.end(JSON.stringify(status === 200 ? good : error));
    });
  });
  await new Promise<void>((resolve) => provider?.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(provider.address() as AddressInfo).port}`, bodies };
}

function startGateway(
  baseUrl: string,
  fetch: (query: MediaQuery) => Promise<FetchedMedia>,
  kind = 'gemini',
): Promise<TestGateway> {
  const target = { baseUrl, upstreamModel: 'a-model', provider: { kind, retries: 0 } };
  return startTestGateway({ models: { m: target }, media: { fetch } });
}

const image = (url: string) => ({ type: 'image_url', image_url: { url } });
const chat = (content: unknown, more: object = {}) => ({
  model: 'm',
  messages: [{ role: 'user', content }],
  ...more,
});

it('fetches each address once, sends bytes, and gives back what they held', async () => {
  const { url, bodies } = await startProvider(() => 200);
  const asked: MediaQuery[] = [];
  gateway = await startGateway(url, async (query) => {
    asked.push(query);
    query.reserve?.(PICTURE.length);
    return { bytes: PICTURE, mediaType: 'image/png' };
  });
  const content = [
    image('https://a.test/1.png'),
    image('https://a.test/1.png'),
    image('https://a.test/2.png'),
  ];
  const answer = await gateway.post('/v1/chat/completions', chat(content));
  expect(answer.status).toBe(200);
  expect(asked.map((query) => [query.url, query.classes])).toEqual([
    ['https://a.test/1.png', ['image']],
    ['https://a.test/2.png', ['image']],
  ]);
  expect(bodies[0]?.split(PICTURE.toString('base64'))).toHaveLength(4);
  await gateway.settled(1);
  expect(gateway.buffered).toBe(0);
});

it('refuses what cannot be fetched, naming the part, and calls nobody', async () => {
  const { url, bodies } = await startProvider(() => 200);
  gateway = await startGateway(url, async () => ({ failure: 'address_refused' }));
  const answer = await gateway.post('/v1/chat/completions', chat([image('https://10.0.0.1/x.png')]));
  expect(answer.status).toBe(400);
  expect(await answer.json()).toMatchObject({
    error: { code: 'media_unavailable', param: 'messages[0].content[0]' },
  });
  const [record] = await gateway.settled(1);
  expect([bodies.length, record?.attempts.length, gateway.buffered]).toEqual([0, 0, 0]);
});

it('gives up a fetch whose client is gone', async () => {
  const { url, bodies } = await startProvider(() => 200);
  const client = new AbortController();
  gateway = await startGateway(url, () => {
    client.abort();
    return new Promise((resolve) => setTimeout(resolve, 50, { bytes: PICTURE, mediaType: 'image/png' }));
  });
  const request = fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: 'Bearer bn-test-key', 'content-type': 'application/json' },
    body: JSON.stringify(chat([image('https://a.test/1.png')])),
    signal: client.signal,
  });
  await expect(request).rejects.toThrow();
  const [record] = await gateway.settled(1);
  expect([record?.outcome, bodies.length, gateway.buffered]).toEqual(['cancelled', 0, 0]);
});

it('several answers fail together, and each call is an attempt', async () => {
  const { url } = await startProvider((call) => (call === 2 ? 400 : 200));
  gateway = await startGateway(url, async () => ({ failure: 'not_allowed' }), 'anthropic');
  const answer = await gateway.post('/v1/chat/completions', chat('Hi.', { n: 3 }));
  expect(answer.status).toBe(400);
  const [record] = await gateway.settled(1);
  expect(record?.attempts).toHaveLength(3);
  expect(record?.attempts.filter(({ outcome }) => outcome === 'error')).toHaveLength(1);
});

it('several answers are one, billed as what they took', async () => {
  const { url } = await startProvider(() => 200);
  gateway = await startGateway(url, async () => ({ failure: 'not_allowed' }), 'anthropic');
  const answer = await gateway.post('/v1/chat/completions', chat('Hi.', { n: 3 }));
  const body = JSON.parse(await answer.text());
  expect(body.choices.map(({ index }: { index: number }) => index)).toEqual([0, 1, 2]);
  expect(body.usage).toMatchObject({ prompt_tokens: 12, completion_tokens: 3 });
  const [record] = await gateway.settled(1);
  expect(record?.tokens).toEqual({ input: 12, output: 3 });
});
