import Anthropic from '@anthropic-ai/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../start-simulator.ts';

let simulator: Simulator;
let client: Anthropic;

beforeAll(async () => {
  simulator = await startSimulator();
  client = new Anthropic({ apiKey: simulator.credentials.apiKey, baseURL: simulator.url, maxRetries: 0 });
});
afterAll(() => simulator.close());

const tools: Anthropic.Tool[] = [
  { name: 'get_weather', input_schema: { type: 'object', properties: { city: { type: 'string' } } } },
];
const thinking = { type: 'enabled', budget_tokens: 1024 } as const;
const question: Anthropic.MessageParam = { role: 'user', content: 'What is the weather in Oslo?' };
const usual = { model: 'sim/plain', max_tokens: 2000 };

it('answers the same streamed and whole, with thinking and a tool call', async () => {
  const request = { ...usual, thinking, tools, messages: [question] };
  const whole = await client.messages.create(request);
  const streamed = await client.messages.stream(request).finalMessage();
  const withoutId = (message: Anthropic.Message) =>
    message.content.map((block) => ('id' in block ? { ...block, id: 'x' } : block));
  expect(withoutId(streamed)).toEqual(withoutId(whole));
  expect(whole.stop_reason).toBe('tool_use');
  expect(whole.content.map(({ type }) => type)).toEqual(['thinking', 'tool_use']);
  expect(streamed.usage).toMatchObject({ output_tokens: whole.usage.output_tokens });
});

it('goes on after a tool with its own thinking, and refuses another', async () => {
  const first = await client.messages.create({ ...usual, thinking, tools, messages: [question] });
  const call = first.content.find((block) => block.type === 'tool_use');
  const result = { type: 'tool_result', tool_use_id: call?.id ?? '', content: 'sunny' } as const;
  const goOn = (content: Anthropic.ContentBlockParam[]) =>
    client.messages.create({
      ...usual,
      thinking,
      tools,
      messages: [question, { role: 'assistant', content }, { role: 'user', content: [result] }],
    });
  expect((await goOn(first.content)).stop_reason).toBe('end_turn');
  const changed = first.content.map((block) =>
    block.type === 'thinking' ? { ...block, thinking: 'x' } : block,
  );
  await expect(goOn(changed)).rejects.toThrow('Invalid `signature` in `thinking` block');
  const bare = first.content.filter(({ type }) => type !== 'thinking');
  await expect(goOn(bare)).rejects.toThrow(
    'Expected `thinking` or `redacted_thinking`, but found `tool_use`',
  );
});

it('counts a prefix that comes again as read from the cache, and a changed one not', async () => {
  const ask = async (system: string, words: string) => {
    const cache_control = { type: 'ephemeral' } as const;
    const answer = await client.messages.create({
      ...usual,
      system: [{ type: 'text', text: system, cache_control }],
      messages: [{ role: 'user', content: [{ type: 'text', text: words, cache_control }] }],
    });
    const { input_tokens, cache_read_input_tokens, cache_creation_input_tokens } = answer.usage;
    return [input_tokens, cache_read_input_tokens, cache_creation_input_tokens];
  };
  expect(await ask('be very brief', 'one two')).toEqual([0, 0, 7]);
  expect(await ask('be very brief', 'one two')).toEqual([0, 7, 0]);
  expect(await ask('be very brief', 'one two three')).toEqual([0, 4, 4]);
  expect(await ask('be quite brief', 'one two')).toEqual([0, 0, 7]);
});

it('counts tokens as the answer does, and lists models', async () => {
  const { input_tokens } = await client.messages.countTokens({ model: 'sim/plain', messages: [question] });
  const { usage } = await client.messages.create({ ...usual, messages: [question] });
  expect(input_tokens).toBe(usage.input_tokens);
  expect((await client.models.list()).data.map(({ id }) => id)).toContain('sim/plain');
});

describe('refuses', () => {
  const cases: [string, object, number, string][] = [
    ['no max_tokens', { max_tokens: undefined }, 400, 'max_tokens: Field required'],
    ['an unknown role', { messages: [{ role: 'tool', content: 'x' }] }, 400, 'Unexpected role "tool"'],
    [
      'an empty text',
      { messages: [{ role: 'user', content: [{ type: 'text', text: '' }] }] },
      400,
      'must be non-empty',
    ],
    [
      'a result without its call',
      { messages: [{ role: 'user', content: [{ type: 'tool_result', tool_use_id: 'x', content: 'y' }] }] },
      400,
      'unexpected `tool_use_id` found',
    ],
    [
      'five cache marks',
      {
        messages: [
          {
            role: 'user',
            content: Array(5).fill({ type: 'text', text: 'x', cache_control: { type: 'ephemeral' } }),
          },
        ],
      },
      400,
      'A maximum of 4 blocks with cache_control may be provided. Found 5.',
    ],
    ['a long prompt', { model: 'sim/window-3' }, 400, 'prompt is too long: 7 tokens > 3 maximum'],
    ['an overload', { model: 'sim/status-529' }, 529, 'Overloaded'],
  ];
  it.each(cases)('%s', async (_name, change, status, message) => {
    const request = {
      ...usual,
      messages: [question],
      ...change,
    } as Anthropic.MessageCreateParamsNonStreaming;
    const error: unknown = await client.messages.create(request).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Anthropic.APIError);
    expect(error).toMatchObject({
      status,
      error: { type: 'error', error: { message: expect.stringContaining(message) } },
    });
  });

  it('a wrong key, and a missing version', async () => {
    const wrong = client.withOptions({ apiKey: 'wrong' }).messages.create({ ...usual, messages: [question] });
    await expect(wrong).rejects.toBeInstanceOf(Anthropic.AuthenticationError);
    const headers = { 'x-api-key': simulator.credentials.apiKey };
    const response = await fetch(`${simulator.url}/v1/messages`, { method: 'POST', headers, body: '{}' });
    expect([response.status, await response.text()]).toEqual([
      400,
      expect.stringContaining('anthropic-version: header is required'),
    ]);
  });

  it('in mid-stream, by an error event', async () => {
    const stream = client.messages.stream({ ...usual, model: 'sim/error-after-4', messages: [question] });
    await expect(stream.finalMessage()).rejects.toThrow('overloaded_error');
  });
});
