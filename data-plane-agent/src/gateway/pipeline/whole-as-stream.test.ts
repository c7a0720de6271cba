import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { startTestGateway, type TestGateway } from './fixtures/test-gateway.ts';

/** A server that does not heed `stream`. */
let server: Server;
let gateway: TestGateway | undefined;

beforeAll(async () => {
  server = createServer((incoming, outgoing) => {
    incoming.resume();
    const call = { id: 'call_1', type: 'function', function: { name: 'look', arguments: '{"at":"sky"}' } };
    const message = { role: 'assistant', content: 'Let me see.', tool_calls: [call] };
    outgoing.setHeader('content-type', 'application/json');
    outgoing.end(
      JSON.stringify({
        id: 'c-1',
        object: 'chat.completion',
        created: 1,
        model: 'm',
        choices: [{ index: 0, message, finish_reason: 'tool_calls', flavour: 'sour' }],
        usage: { prompt_tokens: 7, completion_tokens: 5, total_tokens: 12 },
      }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => server.close());
afterEach(() => gateway?.close());

const look = { name: 'look', parameters: { type: 'object', properties: { at: { type: 'string' } } } };

it.each([
  [
    '/v1/messages',
    { max_tokens: 9, tools: [{ name: look.name, input_schema: look.parameters }] },
    ['message_start', 'content_block_delta', 'message_delta', 'message_stop'],
  ],
  [
    '/v1/responses',
    { input: 'what is up there?', tools: [{ type: 'function', ...look }] },
    ['response.created', 'response.output_text.delta', 'response.completed'],
  ],
])('%s is a stream to the client where the provider sends none', async (path, more, types) => {
  const { port } = server.address() as AddressInfo;
  const baseUrl = `http://127.0.0.1:${port}/v1`;
  gateway = await startTestGateway({
    models: { m: { baseUrl, upstreamModel: 'm', provider: { preset: 'together' } } },
  });
  const messages = [{ role: 'user', content: 'what is up there?' }];
  const response = await gateway.post(path, {
    model: 'm',
    stream: true,
    ...(path === '/v1/messages' && { messages }),
    ...more,
  });
  expect(response.headers.get('content-type')).toContain('text/event-stream');
  expect(response.headers.get('x-bonito-dropped-params')).not.toBeNull();
  const text = await response.text();
  const seen = Array.from(text.matchAll(/^event: (.*)$/gm), ([, type]) => type);
  for (const type of types) expect(seen).toContain(type);
  expect(text).toContain('Let me see.');
  expect(text).toContain('{\\"at\\":\\"sky\\"}');
  const [record] = await gateway.settled(1);
  expect(record).toMatchObject({ outcome: 'success', tokens: { input: 7, output: 5 } });
  expect(record?.time_to_first_token_ms).not.toBeNull();
});
