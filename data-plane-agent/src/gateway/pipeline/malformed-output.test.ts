import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startTestGateway, type TestGateway } from './fixtures/test-gateway.ts';

/** Gemini whose model wants to call a tool and writes something that is no call, which a 200 hides. */
let server: Server;
let gateway: TestGateway | undefined;
const usageMetadata = { promptTokenCount: 7, candidatesTokenCount: 2, totalTokenCount: 9 };
const answer = (finishReason: string, text?: string) => ({
  responseId: 'r',
  modelVersion: 'm',
  candidates: [{ index: 0, finishReason, ...(text !== undefined && { content: { parts: [{ text }] } }) }],
  usageMetadata,
});

beforeAll(async () => {
  server = createServer((incoming, outgoing) => {
    const path = incoming.url ?? '';
    const said = path.includes('said') ? '"}],})' : undefined;
    const body = path.includes('good') ? answer('STOP', 'fine') : answer('MALFORMED_FUNCTION_CALL', said);
    incoming.resume();
    const streams = path.includes('stream');
    outgoing.setHeader('content-type', streams ? 'text/event-stream' : 'application/json');
    outgoing.end(streams ? `data: ${JSON.stringify(body)}\n\n` : JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => server.close());
afterEach(() => gateway?.close());

const at = (path: string) => ({
  baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/${path}`,
  upstreamModel: 'm',
  provider: { kind: 'gemini' as const, retries: 0 },
});
const ask = { model: 'm', max_tokens: 9, messages: [{ role: 'user', content: 'hello' }] };

describe.each([false, true])('output that its own provider could not read (stream: %s)', (stream) => {
  it.each([
    ['/v1/chat/completions', 502],
    ['/v1/messages', 500],
  ])('is an error on %s, and what it used counts', async (path, status) => {
    gateway = await startTestGateway({ models: { m: at('bad') } });
    const response = await gateway.post(path, { ...ask, stream });
    expect(response.status).toBe(status);
    expect(await response.text()).toContain('MALFORMED_FUNCTION_CALL');
    const [record] = await gateway.settled(1);
    expect(record).toMatchObject({ outcome: 'error', error_code: 'provider_error' });
    expect(record?.attempts[0]).toMatchObject({ tokens: { input: 7, output: 2 }, quality: 'exact' });
  });

  it('lets another target answer', async () => {
    gateway = await startTestGateway({ models: { m: [at('bad'), at('good')] } });
    const response = await gateway.post('/v1/chat/completions', { ...ask, stream });
    expect(response.status).toBe(200);
    expect(await response.text()).toContain('fine');
    const [record] = await gateway.settled(1);
    expect(record?.attempts.map(({ outcome }) => outcome)).toEqual(['error', 'success']);
  });
});

it('is an error in the stream where the client saw some of it', async () => {
  gateway = await startTestGateway({ models: { m: [at('bad-said'), at('good')] } });
  const response = await gateway.post('/v1/messages', { ...ask, stream: true });
  expect(response.status).toBe(200);
  const text = await response.text();
  expect(text).toContain('event: error');
  expect(text).not.toContain('message_stop');
  expect((await gateway.settled(1))[0]?.outcome).toBe('error');
});
