import { expect, it } from 'vitest';
import { useSimulator } from '../test-simulator.ts';

const { post, simulator } = useSimulator();
const headers = () => ({ authorization: `Bearer ${simulator().credentials.apiKey}` });
const messages = [{ role: 'user', content: 'What is the weather in Oslo?' }];
const tools = [
  { type: 'function', function: { name: 'get_weather', parameters: { type: 'object', properties: {} } } },
];

async function streamOf(body: object): Promise<Record<string, unknown>[]> {
  const response = await post('/v2/chat', { ...body, stream: true }, headers());
  const text = await response.text();
  return text.split('\n').flatMap((line) => (line.startsWith('data: ') ? [JSON.parse(line.slice(6))] : []));
}

it('answers, with reasoning, the same streamed', async () => {
  const whole = await (await post('/v2/chat', { model: 'sim/think', messages }, headers())).json();
  const events = await streamOf({ model: 'sim/think', messages });
  expect(events.map(({ type }) => type).filter((type) => type !== 'content-delta')).toEqual([
    'message-start',
    'content-start',
    'content-end',
    'content-start',
    'content-end',
    'message-end',
  ]);
  expect(events.at(-1)).toMatchObject({
    delta: { finish_reason: 'COMPLETE', usage: (whole as { usage: object }).usage },
  });
});

it('calls tools', async () => {
  const events = await streamOf({ model: 'sim/plain', messages, tools });
  expect(events.at(-1)).toMatchObject({ delta: { finish_reason: 'TOOL_CALL' } });
  expect(events[1]).toMatchObject({
    type: 'tool-call-start',
    delta: { message: { tool_calls: { function: { name: 'get_weather' } } } },
  });
});

it('embeds and ranks', async () => {
  const embedded = await post(
    '/v2/embed',
    { model: 'm', texts: ['a b'], input_type: 'search_query' },
    headers(),
  );
  expect(await embedded.json()).toMatchObject({ meta: { billed_units: { input_tokens: 2 } } });
  const ranked = await post(
    '/v2/rerank',
    { model: 'm', query: 'red fox', documents: ['x', 'red fox'] },
    headers(),
  );
  expect(await ranked.json()).toMatchObject({ results: [{ index: 1 }, { index: 0 }] });
});

it.each([
  [{ model: 'm', messages: [] }, 400],
  [{ model: 'sim/status-429', messages }, 429],
  [{ model: 'sim/window-2', messages }, 400],
])('refuses %j in its own form', async (body, status) => {
  const response = await post('/v2/chat', body, headers());
  expect(response.status).toBe(status);
  expect(await response.json()).toEqual({ id: expect.any(String), message: expect.any(String) });
});

it('refuses a wrong key', async () => {
  expect((await post('/v2/chat', { model: 'm', messages }, { authorization: 'Bearer x' })).status).toBe(401);
});
