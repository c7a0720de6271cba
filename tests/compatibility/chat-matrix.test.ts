import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Asked, CHAT_SURFACES, type ChatSurfaceClient, type Json, readEvents } from './chat-surfaces.ts';
import { modelName, PROVIDER_ROWS } from './provider-rows.ts';
import { type CompatibleAgent, startCompatibleAgent } from './start-compatible-agent.ts';

const SCENARIOS = [
  'plain',
  'tool',
  'parallel',
  'think',
  'think,tool',
  'image-seen',
  'window-20',
  'status-429-retry-after-7',
  'filter',
  'echo',
];
const PIXEL =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';
const WEATHER = {
  name: 'get_weather',
  parameters: {
    type: 'object',
    properties: { city: { type: 'string' }, days: { type: 'integer' } },
    required: ['city', 'days'],
  },
};
const TIME = { name: 'get_time', parameters: { type: 'object', properties: {} } };

let agent: CompatibleAgent;

beforeAll(async () => {
  agent = await startCompatibleAgent(SCENARIOS);
});
afterAll(() => agent.close());

async function send(surface: ChatSurfaceClient, body: Record<string, unknown>) {
  const answer = await fetch(agent.url + surface.path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...surface.headers(agent.key) },
    body: JSON.stringify(body),
  });
  return { answer, text: await answer.text() };
}

async function ask(surface: ChatSurfaceClient, body: Record<string, unknown>): Promise<Json> {
  const { answer, text } = await send(surface, body);
  expect({ status: answer.status, ...(answer.status === 200 ? {} : { text }) }).toEqual({ status: 200 });
  return body.stream === true ? surface.collect(readEvents(text)) : (JSON.parse(text) as Json);
}

const cells = CHAT_SURFACES.flatMap((surface) =>
  PROVIDER_ROWS.flatMap((row) => [false, true].map((stream) => ({ surface, row, stream }))),
);

describe.each(cells)('$surface.name at $row.name, stream $stream', ({ surface, row, stream }) => {
  const prepare = (scenario: string, asked: Asked) => surface.body(modelName(row, scenario), asked, stream);

  it('text, with instructions', async () => {
    const body = prepare('plain', { system: 'Be brief.', prompt: 'Say something, müde Grüße 🐟.' });
    const said = surface.read(await ask(surface, body));
    expect(said.text.split(' ').length).toBeGreaterThanOrEqual(8);
    expect(said).toMatchObject({ calls: [], stop: 'stop' });
    expect(said.output).toBeGreaterThan(0);
  });

  it('what was said comes through byte for byte', async () => {
    const prompt = 'Zeile eins,\n"zwei" \\ drei — 日本語 🐟';
    const said = surface.read(await ask(surface, prepare('echo', { prompt })));
    expect(said.text).toBe(prompt);
  });

  it('a tool call and its result', async () => {
    const first = prepare('tool', { prompt: 'The weather?', tools: [WEATHER] });
    const called = await ask(surface, first);
    expect(surface.read(called)).toMatchObject({
      calls: [['get_weather', { city: 'sample', days: 1 }]],
      stop: 'tool_calls',
    });
    const said = surface.read(await ask(surface, surface.continued(first, called, ['{"degrees": 21}'])));
    expect(said.calls).toEqual([]);
    expect(said.text).not.toBe('');
  });

  it('two calls at once, one without arguments', async () => {
    const first = prepare('parallel', { prompt: 'Both, please.', tools: [WEATHER, TIME] });
    const called = await ask(surface, first);
    expect(surface.read(called).calls).toEqual([
      ['get_weather', { city: 'sample', days: 1 }],
      ['get_time', {}],
    ]);
    const said = surface.read(await ask(surface, surface.continued(first, called, ['21', 'noon'])));
    expect(said.text).not.toBe('');
  });

  it('a picture', async () => {
    const body = prepare('image-seen', { prompt: 'What is this?', image: PIXEL });
    const said = surface.read(await ask(surface, body));
    expect(said.text).toContain(`image/png of ${Buffer.from(PIXEL, 'base64').length} bytes`);
  });

  it('reasoning beside a tool call, and its state taken back', async () => {
    const asked = { prompt: 'The weather?', tools: [WEATHER], reasoning: true };
    const first = prepare('think,tool', asked);
    const called = await ask(surface, first);
    const said = surface.read(called);
    expect(said.calls).toHaveLength(1);
    expect(said.reasoning).not.toBe('');
    // The simulated providers refuse reasoning whose proof is missing or changed.
    const next = surface.read(await ask(surface, surface.continued(first, called, ['{"degrees": 21}'])));
    expect(next.text).not.toBe('');
  });

  it('the limit of tokens', async () => {
    // The Responses API takes no less.
    const body = prepare('plain', { prompt: 'Say a lot.', maxTokens: 16 });
    const said = surface.read(await ask(surface, body));
    expect(said.stop).toBe('length');
    expect(said.text.trim().split(/\s+/)).toHaveLength(16);
  });

  it('a full window, in words that agents act on', async () => {
    const prompt = Array.from({ length: 60 }, (_, index) => `word${index}`).join(' ');
    const { answer, text } = await send(surface, prepare('window-20', { prompt }));
    if (stream && surface.name === 'openai-responses') {
      // OpenAI says it in the stream, and agents look for it there.
      expect(answer.status).toBe(200);
      const failed: unknown = JSON.parse(readEvents(text).at(-1)?.data ?? '');
      const packed = { code: 'context_length_exceeded' };
      expect(failed).toMatchObject({ type: 'response.failed', response: { error: packed } });
      return;
    }
    const error = surface.errorOf(JSON.parse(text) as Json);
    expect(answer.status).toBe(400);
    if (surface.name === 'anthropic-messages') {
      expect(error.type).toBe('invalid_request_error');
      expect(error.message).toMatch(/^prompt is too long/);
    } else expect(error.type).toBe('context_length_exceeded');
  });

  it('a rate limit, with the time to wait', async () => {
    const { answer, text } = await send(surface, prepare('status-429-retry-after-7', { prompt: 'Hi.' }));
    expect(answer.status).toBe(429);
    expect(answer.headers.get('retry-after')).toBe('7');
    const { type } = surface.errorOf(JSON.parse(text) as Json);
    // Azure's own word for it, which passes as it is.
    expect(['rate_limit_error', 'rate_limit_exceeded', '429']).toContain(type);
  });
});
