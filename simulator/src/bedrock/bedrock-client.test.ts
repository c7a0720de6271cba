import {
  BedrockRuntimeClient,
  type ContentBlock,
  ConverseCommand,
  type ConverseCommandInput,
  ConverseStreamCommand,
  InvokeModelCommand,
  InvokeModelWithResponseStreamCommand,
} from '@aws-sdk/client-bedrock-runtime';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../start-simulator.ts';

let simulator: Simulator;
let client: BedrockRuntimeClient;
let now = 0;

function clientWith(secretAccessKey: string, accessKeyId = simulator.credentials.awsAccessKeyId, offset = 0) {
  return new BedrockRuntimeClient({
    region: 'eu-west-1',
    endpoint: simulator.url,
    credentials: { accessKeyId, secretAccessKey },
    systemClockOffset: offset,
    maxAttempts: 1,
    // The client's usual handler speaks HTTP/2 only.
    requestHandler: new NodeHttpHandler(),
  });
}

beforeAll(async () => {
  simulator = await startSimulator({ now: () => Date.now() + now });
  client = clientWith(simulator.credentials.awsSecretAccessKey);
});
afterAll(() => simulator.close());

const arn = 'arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.anthropic.sim.think';
const input: ConverseCommandInput = {
  modelId: arn,
  messages: [{ role: 'user', content: [{ text: 'What is the weather in Oslo?' }] }],
  toolConfig: {
    tools: [
      {
        toolSpec: {
          name: 'get_weather',
          inputSchema: { json: { type: 'object', properties: { city: { type: 'string' } } } },
        },
      },
    ],
  },
};

it('converses, with reasoning and a tool, signed, by an ARN', async () => {
  const answer = await client.send(new ConverseCommand(input));
  expect(answer.stopReason).toBe('tool_use');
  const [reasoning, call] = answer.output?.message?.content ?? [];
  expect(reasoning?.reasoningContent?.reasoningText?.signature).toBeTypeOf('string');
  expect(call?.toolUse).toMatchObject({ name: 'get_weather', input: { city: 'sample' } });
  const next = await client.send(
    new ConverseCommand({
      ...input,
      messages: [
        ...(input.messages ?? []),
        { role: 'assistant', content: answer.output?.message?.content },
        {
          role: 'user',
          content: [{ toolResult: { toolUseId: call?.toolUse?.toolUseId, content: [{ text: 'sunny' }] } }],
        },
      ],
    }),
  );
  expect(next.stopReason).toBe('end_turn');
});

it('streams the same', async () => {
  const whole = await client.send(new ConverseCommand(input));
  const { stream } = await client.send(new ConverseStreamCommand(input));
  const seen: string[] = [];
  let reasoning = '';
  let usage: unknown;
  for await (const event of stream ?? []) {
    seen.push(Object.keys(event)[0] ?? '');
    reasoning += event.contentBlockDelta?.delta?.reasoningContent?.text ?? '';
    usage = event.metadata?.usage ?? usage;
  }
  expect(reasoning).toBe(whole.output?.message?.content?.[0]?.reasoningContent?.reasoningText?.text);
  expect([seen[0], seen.at(-2), seen.at(-1)]).toEqual(['messageStart', 'messageStop', 'metadata']);
  expect(usage).toEqual(whole.usage);
});

it('serves Claude by its own body, whole and streamed', async () => {
  const body = JSON.stringify({
    anthropic_version: 'bedrock-2023-05-31',
    max_tokens: 100,
    messages: [{ role: 'user', content: 'hello' }],
  });
  const modelId = 'anthropic.sim.plain';
  const whole = await client.send(new InvokeModelCommand({ modelId, body }));
  const { content } = JSON.parse(new TextDecoder().decode(whole.body));
  const streamed = await client.send(new InvokeModelWithResponseStreamCommand({ modelId, body }));
  let text = '';
  let last: unknown;
  for await (const { chunk } of streamed.body ?? []) {
    const event = JSON.parse(new TextDecoder().decode(chunk?.bytes));
    text += event.delta?.text ?? '';
    last = event;
  }
  expect(last).toMatchObject({ 'amazon-bedrock-invocationMetrics': { inputTokenCount: 2 } });
  expect(text).toBe(content[0].text);
});

it('embeds', async () => {
  const embed = async (body: object) => {
    const answer = await client.send(
      new InvokeModelCommand({ modelId: 'amazon.sim.plain', body: JSON.stringify(body) }),
    );
    return JSON.parse(new TextDecoder().decode(answer.body));
  };
  expect(await embed({ inputText: 'two words' })).toMatchObject({ inputTextTokenCount: 2 });
  expect((await embed({ texts: ['a', 'b'], input_type: 'search_query' })).embeddings).toHaveLength(2);
  expect((await embed({ query: 'red fox', documents: ['blue', 'a red fox'] })).results[0].index).toBe(1);
});

describe('refuses', () => {
  const send = (by: BedrockRuntimeClient, change: object = {}) =>
    by.send(new ConverseCommand({ ...input, ...change })).catch((error: unknown) => error);

  it('wrong signatures, unknown keys, wrong times', async () => {
    const { awsSecretAccessKey: secret } = simulator.credentials;
    expect(await send(clientWith('wrong'))).toMatchObject({
      name: 'InvalidSignatureException',
      $metadata: { httpStatusCode: 403 },
    });
    expect(await send(clientWith(secret, 'AKIANOBODY'))).toMatchObject({
      name: 'UnrecognizedClientException',
    });
    now = 6 * 60_000;
    // A client of its own: it learns the time from the answer.
    const late = await send(clientWith(secret));
    now = 0;
    expect(late).toMatchObject({
      name: 'InvalidSignatureException',
      message: expect.stringContaining('Signature expired'),
    });
  });

  const toolUse = { toolUse: { toolUseId: 'x', name: 'f', input: {} } };
  const messages = (...contents: ContentBlock[][]) =>
    contents.map((content, index) => ({ role: index % 2 === 0 ? 'user' : 'assistant', content }));
  it.each([
    ['a blank text', { messages: messages([{ text: ' ' }]) }, 'is blank'],
    [
      'two of one role',
      { messages: [...messages([{ text: 'a' }]), ...messages([{ text: 'b' }])] },
      'must alternate',
    ],
    [
      'an assistant first',
      { messages: [{ role: 'assistant', content: [{ text: 'a' }] }] },
      'must start with a user message',
    ],
    [
      'tools without a list',
      {
        toolConfig: undefined,
        messages: messages(
          [{ text: 'a' }],
          [toolUse],
          [{ toolResult: { toolUseId: 'x', content: [{ text: 'b' }] } }],
        ),
      },
      'The toolConfig field must be defined',
    ],
    [
      'a call without an answer',
      { messages: messages([{ text: 'a' }], [toolUse], [{ text: 'b' }]) },
      'Expected toolResult blocks',
    ],
    ['a long prompt', { modelId: 'anthropic.sim.window-2' }, 'prompt is too long: 7 tokens > 2 maximum'],
  ])('%s', async (_name, change, message) => {
    const error = await send(client, change);
    expect(error).toMatchObject({ name: 'ValidationException', message: expect.stringContaining(message) });
  });

  it('by an exception frame after a 200, and by a wrong checksum', async () => {
    const readAll = async (modelId: string) => {
      const { stream } = await client.send(new ConverseStreamCommand({ ...input, modelId }));
      for await (const _ of stream ?? []);
    };
    await expect(readAll('sim.error-after-3-status-429')).rejects.toMatchObject({
      name: 'ThrottlingException',
    });
    await expect(readAll('sim.error-after-3')).rejects.toMatchObject({ name: 'ModelStreamErrorException' });
    await expect(readAll('sim.bad-checksum-3')).rejects.toThrow(/checksum/i);
  });
});
