import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHAT_SURFACES, type ChatSurfaceClient, type Json, readEvents, type Said } from './chat-surfaces.ts';
import { modelName, PROVIDER_ROWS } from './provider-rows.ts';
import { type CompatibleAgent, startCompatibleAgent } from './start-compatible-agent.ts';

const PIXEL =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';
const TOOLS = [
  {
    name: 'get_weather',
    parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  },
];

let agent: CompatibleAgent;

beforeAll(async () => {
  agent = await startCompatibleAgent(['think,tool']);
});
afterAll(() => agent.close());

async function ask(surface: ChatSurfaceClient, body: Record<string, unknown>): Promise<Json> {
  const answer = await fetch(agent.url + surface.path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...surface.headers(agent.key) },
    body: JSON.stringify(body),
  });
  const text = await answer.text();
  expect([answer.status, answer.status === 200 ? '' : text]).toEqual([200, '']);
  return body.stream === true ? surface.collect(readEvents(text)) : (JSON.parse(text) as Json);
}

/** A picture and a question, a call, its result, what is said of it, another question, another call. */
async function converse(surface: ChatSurfaceClient, model: string, stream: boolean): Promise<Said[]> {
  const asked = { system: 'Be brief.', prompt: 'The weather?', image: PIXEL, tools: TOOLS, reasoning: true };
  const first = surface.body(model, asked, stream);
  const called = await ask(surface, first);
  const second = surface.continued(first, called, ['21 degrees']);
  const said = await ask(surface, second);
  const last = await ask(surface, surface.asked(second, said, 'And the weather tomorrow?'));
  return [called, said, last].map((answer) => surface.read(answer));
}

/** What has to be the same everywhere. Providers count tokens each in their own way. */
function structure(turns: readonly Said[]) {
  return turns.map(({ text, reasoning, calls, stop }) => ({ text, reasoning, calls, stop }));
}

describe.each(PROVIDER_ROWS)('three turns with a picture, tools and reasoning at $name', (row) => {
  it('have one structure through all chat surfaces, streamed or not', async () => {
    const [first, ...others] = CHAT_SURFACES.flatMap((surface) =>
      [false, true].map((stream) => ({ surface, stream })),
    );
    if (!first) throw new Error('there are no surfaces');
    const model = modelName(row, 'think,tool');
    const expected = structure(await converse(first.surface, model, first.stream));
    expect(expected).toMatchObject([
      { calls: [['get_weather', { city: 'sample' }]], stop: 'tool_calls' },
      { calls: [], stop: 'stop' },
      { calls: [['get_weather', { city: 'sample' }]], stop: 'tool_calls' },
    ]);
    expect(expected[0]?.reasoning).not.toBe('');
    expect(expected[1]?.text).not.toBe('');
    for (const { surface, stream } of others) {
      const turns = structure(await converse(surface, model, stream));
      expect({ surface: surface.name, stream, turns }).toEqual({
        surface: surface.name,
        stream,
        turns: expected,
      });
    }
  });
});
