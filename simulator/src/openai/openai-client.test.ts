import OpenAI from 'openai';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../start-simulator.ts';

let simulator: Simulator;
let client: OpenAI;

beforeAll(async () => {
  simulator = await startSimulator({ credential: 'key', strictModels: true });
  client = new OpenAI({ apiKey: 'key', baseURL: `${simulator.url}/v1`, maxRetries: 0 });
});
afterAll(() => simulator.close());

const messages = [{ role: 'user', content: 'What is the weather in Oslo?' } as const];
const tools = [
  {
    type: 'function',
    function: {
      name: 'get_weather',
      parameters: { type: 'object', properties: { city: { type: 'string' }, days: { type: 'integer' } } },
    },
  } as const,
];

it('chats', async () => {
  const answer = await client.chat.completions.create({ model: 'sim/echo', messages });
  expect(answer.choices[0]?.message.content).toBe('What is the weather in Oslo?');
});

it('streams, with usage', async () => {
  const stream = client.chat.completions.stream({
    model: 'sim/plain',
    messages,
    stream_options: { include_usage: true },
  });
  const answer = await stream.finalChatCompletion();
  expect(answer.usage?.completion_tokens).toBe(answer.choices[0]?.message.content?.split(' ').length);
});

it('calls a tool, as JSON and as a stream', async () => {
  const whole = await client.chat.completions.create({ model: 'sim/plain', messages, tools: [...tools] });
  const streamed = await client.chat.completions
    .stream({ model: 'sim/plain', messages, tools: [...tools] })
    .finalChatCompletion();
  for (const answer of [whole, streamed]) {
    expect(answer.choices[0]?.finish_reason).toBe('tool_calls');
    const call = answer.choices[0]?.message.tool_calls?.[0];
    expect(call).toMatchObject({
      function: { name: 'get_weather', arguments: '{"city":"sample","days":1}' },
    });
  }
});

it('answers with text after the tool, and when no tool fits or none is wanted', async () => {
  const finishReasonOf = async (text: string, choice: 'auto' | 'none' | 'required') => {
    const request = {
      model: 'sim/plain',
      messages: [{ role: 'user', content: text } as const],
      tools: [...tools],
    };
    const answer = await client.chat.completions.create({ ...request, tool_choice: choice });
    return answer.choices[0]?.finish_reason;
  };
  expect(await finishReasonOf('hello', 'auto')).toBe('stop');
  expect(await finishReasonOf('the weather', 'none')).toBe('stop');
  expect(await finishReasonOf('hello', 'required')).toBe('tool_calls');
  const after = await client.chat.completions.create({
    model: 'sim/plain',
    messages: [...messages, { role: 'tool', tool_call_id: 'call_sim_1_0', content: 'sunny' }],
    tools: [...tools],
  });
  expect(after.choices[0]?.finish_reason).toBe('stop');
});

it('answers JSON of a schema', async () => {
  const schema = { type: 'object', properties: { name: { type: 'string' } } };
  const format = { type: 'json_schema', json_schema: { name: 'person', schema } } as const;
  const answer = await client.chat.completions.create({
    model: 'sim/plain',
    messages,
    response_format: format,
  });
  expect(JSON.parse(answer.choices[0]?.message.content ?? '')).toEqual({ name: 'sample' });
});

it('completes, embeds and lists models', async () => {
  const completion = await client.completions.create({ model: 'sim/words-4', prompt: 'once' });
  expect(completion.usage?.completion_tokens).toBe(4);
  const embedding = await client.embeddings.create({ model: 'sim/embedding', input: 'text', dimensions: 16 });
  expect(embedding.data[0]?.embedding).toHaveLength(16);
  const models = await Array.fromAsync(client.models.list());
  expect(models.map((model) => model.id)).toContain('sim/plain');
  expect((await client.models.retrieve('sim/echo')).id).toBe('sim/echo');
});

it('is understood in its errors', async () => {
  const ask = (model: string) => client.chat.completions.create({ model, messages });
  await expect(ask('gpt-x')).rejects.toBeInstanceOf(OpenAI.NotFoundError);
  await expect(ask('sim/status-429')).rejects.toBeInstanceOf(OpenAI.RateLimitError);
  await expect(ask('sim/drop')).rejects.toBeInstanceOf(OpenAI.APIConnectionError);
  await expect(client.withOptions({ apiKey: 'wrong' }).models.list()).rejects.toBeInstanceOf(
    OpenAI.AuthenticationError,
  );
});

it('recovers when a limited fault is spent', async () => {
  const patient = client.withOptions({ maxRetries: 2 });
  const answer = await patient.chat.completions.create({
    model: 'sim/status-500-retry-after-0;times=2;id=client',
    messages,
  });
  expect(answer.choices[0]?.finish_reason).toBe('stop');
});
