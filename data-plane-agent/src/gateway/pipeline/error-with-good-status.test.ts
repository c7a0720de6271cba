import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { startTestGateway, type TestGateway } from './fixtures/test-gateway.ts';

/** Answers 200 whatever happens, as OpenRouter does when the server behind it fails late. */
let server: Server;
let gateway: TestGateway | undefined;
const FAILED = { error: { code: 429, message: 'the server behind this one is busy' }, user_id: 'u' };
const WORDED = { error: { code: 'rate_limit_exceeded', type: 'requests', message: 'slow down' } };
const LATE = {
  choices: [{ index: 0, message: { content: 'so' }, finish_reason: 'error', error: FAILED.error }],
  usage: { prompt_tokens: 7, completion_tokens: 1, total_tokens: 8 },
};
const FINE = {
  id: 'c-1',
  object: 'chat.completion',
  model: 'm',
  choices: [{ index: 0, message: { role: 'assistant', content: 'fine' }, finish_reason: 'stop' }],
};

beforeAll(async () => {
  server = createServer((incoming, outgoing) => {
    const fails = incoming.url?.startsWith('/bad') === true;
    const late = incoming.url?.startsWith('/late') === true;
    incoming.resume();
    if (incoming.url?.startsWith('/stream')) {
      outgoing.setHeader('content-type', 'text/event-stream');
      outgoing.end(`data: ${JSON.stringify(WORDED)}\n\n`);
      return;
    }
    outgoing.setHeader('content-type', 'application/json');
    outgoing.end(JSON.stringify(fails ? FAILED : late ? LATE : FINE));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => server.close());
afterEach(() => gateway?.close());

const at = (path: string) => ({
  baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/${path}/v1`,
  upstreamModel: 'm',
  provider: { retries: 0 },
});
const messages = [{ role: 'user', content: 'hello' }];

it.each([
  ['/v1/chat/completions', { error: { message: 'the server behind this one is busy' } }],
  ['/v1/messages', { type: 'error', error: { type: 'rate_limit_error' } }],
])('is an error to clients of %s', async (path, body) => {
  gateway = await startTestGateway({ models: { m: at('bad') } });
  const response = await gateway.post(path, { model: 'm', max_tokens: 9, messages });
  expect(response.status).toBe(429);
  expect(await response.json()).toMatchObject(body);
  expect((await gateway.settled(1))[0]).toMatchObject({ outcome: 'error', error_code: 'rate_limited' });
});

it.each(['/v1/chat/completions', '/v1/messages'])('lets another target answer on %s', async (path) => {
  gateway = await startTestGateway({ models: { m: [at('bad'), at('good')] } });
  const response = await gateway.post(path, { model: 'm', max_tokens: 9, messages });
  expect(response.status).toBe(200);
  expect(await response.text()).toContain('fine');
  const [record] = await gateway.settled(1);
  expect(record?.attempts.map(({ outcome }) => outcome)).toEqual(['error', 'success']);
});

it.each(['/v1/chat/completions', '/v1/messages'])(
  'gets the status of its kind where a stream begins with it: %s',
  async (path) => {
    gateway = await startTestGateway({ models: { m: at('stream') } });
    const response = await gateway.post(path, { model: 'm', max_tokens: 9, messages, stream: true });
    expect(response.status).toBe(429);
    expect(await response.text()).toContain('slow down');
  },
);

it('is what a choice says that failed in the middle, and what it used counts', async () => {
  gateway = await startTestGateway({ models: { m: [at('late'), at('good')], alone: at('late') } });
  const response = await gateway.post('/v1/messages', { model: 'm', max_tokens: 9, messages });
  expect(response.status).toBe(200);
  const refused = await gateway.post('/v1/messages', { model: 'alone', max_tokens: 9, messages });
  expect(refused.status).toBe(429);
  expect(await refused.text()).toContain('the server behind this one is busy');
  const [, record] = await gateway.settled(2);
  expect(record?.attempts).toMatchObject([{ error_code: 'rate_limited', tokens: { input: 7, output: 1 } }]);
});
