import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { startTestGateway } from './fixtures/test-gateway.ts';

it('asks a model that streams no calls for all of the answer, and streams that', async () => {
  const paths: (string | undefined)[] = [];
  const server = createServer((incoming, outgoing) => {
    paths.push(incoming.url);
    incoming.resume();
    const content = [{ toolUse: { toolUseId: 't1', name: 'look', input: { at: 'sky' } } }];
    outgoing.setHeader('content-type', 'application/json');
    outgoing.end(
      JSON.stringify({
        output: { message: { role: 'assistant', content } },
        stopReason: 'tool_use',
        usage: { inputTokens: 7, outputTokens: 5, totalTokens: 12 },
      }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const gateway = await startTestGateway({
    models: {
      m: {
        baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/aws`,
        upstreamModel: 'meta.llama3-1-70b-instruct-v1:0',
        provider: { kind: 'bedrock', region: 'us-east-1' },
        deployment: { family: 'llama' },
      },
    },
  });
  try {
    const response = await gateway.post('/v1/messages', {
      model: 'm',
      max_tokens: 9,
      stream: true,
      messages: [{ role: 'user', content: 'what is up there?' }],
      tools: [{ name: 'look', input_schema: { type: 'object', properties: { at: { type: 'string' } } } }],
    });
    const text = await response.text();
    expect(paths).toEqual(['/aws/model/meta.llama3-1-70b-instruct-v1%3A0/converse']);
    expect(text).toContain('event: message_stop');
    expect(text).toContain('"partial_json":"{\\"at\\":\\"sky\\"}"');
    expect((await gateway.settled(1))[0]?.tokens).toEqual({ input: 7, output: 5 });
  } finally {
    await gateway.close();
    server.close();
  }
});
