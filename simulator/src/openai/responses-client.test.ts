import OpenAI from 'openai';
import type {
  ResponseCreateParamsNonStreaming,
  ResponseInputItem,
} from 'openai/resources/responses/responses';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../start-simulator.ts';

let simulator: Simulator;
let client: OpenAI;

beforeAll(async () => {
  simulator = await startSimulator();
  client = new OpenAI({ apiKey: 'any', baseURL: `${simulator.url}/v1`, maxRetries: 0 });
});
afterAll(() => simulator.close());

const request = {
  model: 'sim/think,tool',
  input: 'What is the weather in Oslo?',
  include: ['reasoning.encrypted_content' as const],
  tools: [
    {
      type: 'function' as const,
      name: 'get_weather',
      strict: null,
      parameters: { type: 'object', properties: { city: { type: 'string' } } },
    },
  ],
} satisfies ResponseCreateParamsNonStreaming;

it('streams what it answers at once', async () => {
  const whole = await client.responses.create(request);
  const types: string[] = [];
  const stream = client.responses.stream(request).on('event', ({ type }) => void types.push(type));
  const streamed = await stream.finalResponse();
  expect(whole.output.map(({ type }) => type)).toEqual(['reasoning', 'function_call']);
  expect(streamed.usage).toEqual(whole.usage);
  expect(types.slice(0, 3)).toEqual([
    'response.created',
    'response.in_progress',
    'response.output_item.added',
  ]);
  expect(types).toContain('response.function_call_arguments.delta');
  expect(types.at(-1)).toBe('response.completed');
});

it('goes on by items with its own sealed reasoning, and by the id of a response', async () => {
  const first = await client.responses.create(request);
  const call = first.output.find((item) => item.type === 'function_call');
  const output = { type: 'function_call_output', call_id: call?.call_id ?? '', output: 'sunny' } as const;
  const input = [{ role: 'user', content: 'weather' }, ...first.output, output] as ResponseInputItem[];
  expect((await client.responses.create({ ...request, input })).output_text).not.toBe('');
  const next = await client.responses.create({ ...request, input: [output], previous_response_id: first.id });
  expect(next.output_text).not.toBe('');
  const spoilt = input.map((item) =>
    'encrypted_content' in item ? { ...item, encrypted_content: 'AAAA' } : item,
  );
  await expect(client.responses.create({ ...request, input: spoilt })).rejects.toMatchObject({
    code: 'invalid_encrypted_content',
  });
  const unknown = client.responses.create({ ...request, previous_response_id: 'resp_none' });
  await expect(unknown).rejects.toMatchObject({ code: 'previous_response_not_found' });
});

it('shows of its reasoning what was asked for', async () => {
  const thought = async (reasoning: OpenAI.Reasoning) =>
    (await client.responses.stream({ ...request, reasoning }).finalResponse()).output[0];
  expect(await thought({ effort: 'low' })).toMatchObject({ type: 'reasoning', summary: [] });
  expect(await thought({ effort: 'low', summary: 'auto' })).toMatchObject({
    summary: [{ type: 'summary_text', text: expect.stringMatching(/./) }],
  });
});

it.each<[string, object, object]>([
  ['members of the chat API', { seed: 7 }, { status: 400, code: 'unknown_parameter', param: 'seed' }],
  [
    'a user’s parts in the model’s message',
    { input: [{ role: 'assistant', content: [{ type: 'input_text', text: 'a' }] }] },
    { status: 400, code: 'invalid_value', param: 'input[0].content[0]' },
  ],
  [
    'a thought that was not stored, without its encrypted form',
    { input: [{ type: 'reasoning', id: 'rs_none', summary: [] }] },
    { status: 404, param: 'input' },
  ],
  [
    'less room than the least',
    { max_output_tokens: 15 },
    { status: 400, code: 'integer_below_min_value', param: 'max_output_tokens' },
  ],
  [
    'a name for a file that has an address',
    {
      input: [{ role: 'user', content: [{ type: 'input_file', file_url: 'https://a.test', filename: 'a' }] }],
    },
    { status: 400, code: 'mutually_exclusive_parameters', param: 'input[0].content[0]' },
  ],
  ['a tool without a name', { tools: [{ type: 'function' }] }, { status: 400, param: 'tools[0].name' }],
  [
    'a call without arguments',
    { input: [{ type: 'function_call', call_id: 'c', name: 'n' }] },
    { status: 400, param: 'input[0].arguments' },
  ],
])('refuses %s', async (_what, more, error) => {
  const body = { model: 'sim/plain', input: 'Hi.', ...more } as ResponseCreateParamsNonStreaming;
  await expect(client.responses.create(body)).rejects.toMatchObject(error);
});

it('calls a custom tool with free text', async () => {
  const tools: OpenAI.Responses.Tool[] = [{ type: 'custom', name: 'apply_patch' }];
  const { output } = await client.responses.stream({ ...request, tools }).finalResponse();
  expect(output.at(-1)).toMatchObject({
    type: 'custom_tool_call',
    name: 'apply_patch',
    input: 'sample input',
  });
});

it('fails in mid-stream by an event', async () => {
  const stream = await client.responses.create({ model: 'sim/error-after-3', input: 'hello', stream: true });
  const types = await Array.fromAsync(stream, ({ type }) => type);
  expect(types.at(-1)).toBe('response.failed');
});

it('makes pictures and speech, transcribes, moderates and ranks', async () => {
  const pictures = await client.images.generate({ model: 'sim/plain', prompt: 'a cat', n: 2 });
  expect(pictures.data).toHaveLength(2);
  const file = new File(['12345'], 'a.wav', { type: 'audio/wav' });
  expect((await client.audio.transcriptions.create({ model: 'sim/plain', file })).text).toBe(
    'Heard 5 bytes.',
  );
  const edited = await client.images.edit({
    model: 'sim/plain',
    prompt: 'a cat',
    image: new File(['x'], 'a.png', { type: 'image/png' }),
  });
  expect(edited.data).toHaveLength(1);
  const speech = await client.audio.speech.create({ model: 'sim/plain', voice: 'alloy', input: 'two words' });
  expect((await speech.arrayBuffer()).byteLength).toBe(1024);
  const moderation = await client.moderations.create({ model: 'sim/plain', input: ['fine', 'violence'] });
  expect(moderation.results.map(({ flagged }) => flagged)).toEqual([false, true]);
  const body = JSON.stringify({ model: 'sim/plain', query: 'red fox', documents: ['blue', 'a red fox'] });
  const ranked = await fetch(`${simulator.url}/v1/rerank`, { method: 'POST', body });
  expect(await ranked.json()).toMatchObject({ results: [{ index: 1 }, { index: 0 }] });
});
