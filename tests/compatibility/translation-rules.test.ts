import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  CHAT_SURFACES,
  type ChatSurfaceClient,
  type Json,
  list,
  readEvents,
  record,
} from './chat-surfaces.ts';
import { modelName, PROVIDER_ROWS } from './provider-rows.ts';
import { type CompatibleAgent, startCompatibleAgent } from './start-compatible-agent.ts';

const SCENARIOS = [
  'plain',
  'tool',
  'think',
  'think,tool',
  'cached',
  'error-after-2-status-529',
  'error-after-0-status-529',
  'cut-after-4',
  'bad-checksum-3',
  'malformed-chunk-4',
  'status-503',
  'no-usage',
  'reasoning-4',
];
const WEATHER = {
  name: 'get_weather',
  parameters: { type: 'object', properties: { city: { type: 'string' } } },
};

let agent: CompatibleAgent;

beforeAll(async () => {
  const route = (name: string, targets: string[], more = '') =>
    `{ name: ${name}, targets: [${targets.map((target) => `"${target}"`).join(', ')}]${more} }`;
  agent = await startCompatibleAgent(SCENARIOS, [
    route('strict', ['anthropic.plain'], ', strict: true'),
    route('failing-over', ['anthropic.status-503', 'bedrock-converse.plain']),
    route('late-failing-over', ['anthropic.error-after-0-status-529', 'gemini.plain']),
    route('moved', ['anthropic.status-503', 'gemini.think_tool']),
  ]);
});
afterAll(() => agent.close());

function surfaceOf(name: string): ChatSurfaceClient {
  const surface = CHAT_SURFACES.find((one) => one.name === name);
  if (!surface) throw new Error(`no surface ${name}`);
  return surface;
}

const chat = surfaceOf('openai-chat');
const messages = surfaceOf('anthropic-messages');

async function send(surface: ChatSurfaceClient, body: Json) {
  const answer = await fetch(agent.url + surface.path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...surface.headers(agent.key) },
    body: JSON.stringify(body),
  });
  return { answer, text: await answer.text() };
}

async function json(surface: ChatSurfaceClient, body: Json): Promise<Json> {
  const { answer, text } = await send(surface, body);
  expect([answer.status, answer.status === 200 ? '' : text]).toEqual([200, '']);
  return JSON.parse(text) as Json;
}

describe('promise 7: nothing is dropped in silence', () => {
  const body = (model: string) => ({
    ...chat.body(model, { prompt: 'Hi.' }, false),
    seed: 7,
    logit_bias: { 5: 1 },
  });

  it('what a provider cannot take is named in a header and counted', async () => {
    const { answer } = await send(chat, body('anthropic.plain'));
    expect(answer.headers.get('x-bonito-dropped-params')?.split(', ').sort()).toEqual(['logit_bias', 'seed']);
    const metrics = await (await fetch(`${agent.adminUrl}/metrics`)).text();
    expect(metrics).toMatch(/bonito_dropped_fields_total\{provider="anthropic"\} [1-9]/);
  });

  it('a strict route refuses it, naming field and provider', async () => {
    const { answer, text } = await send(chat, body('strict'));
    expect(answer.status).toBe(400);
    const error = record((JSON.parse(text) as Json).error);
    expect(error).toMatchObject({ code: 'unsupported_field' });
    expect(error.message).toContain('Provider "anthropic" cannot take:');
    expect(error.message).toContain('seed');
    expect((await send(chat, chat.body('strict', { prompt: 'Hi.' }, false))).answer.status).toBe(200);
  });
});

describe('several answers', () => {
  const rows = PROVIDER_ROWS.map((row) => ({ name: row.name, model: modelName(row, 'plain') }));

  it.each(rows)('n at $name, whole and streamed', async ({ model }) => {
    const body = { ...chat.body(model, { prompt: 'Hi.' }, false), n: 3 };
    const whole = await json(chat, body);
    expect(list(whole.choices).map(({ index }) => index)).toEqual([0, 1, 2]);
    expect(record(whole.usage).completion_tokens).toBeGreaterThan(20);
    const { text } = await send(chat, { ...body, stream: true, stream_options: { include_usage: true } });
    const events = readEvents(text);
    expect(events.at(-1)?.data).toBe('[DONE]');
    const chunks = events.slice(0, -1).map(({ data }) => JSON.parse(data) as Json);
    const finished = chunks.flatMap(({ choices }) => list(choices).filter((one) => one.finish_reason));
    expect(finished.map(({ index }) => index).sort()).toEqual([0, 1, 2]);
    expect(chunks.filter(({ usage }) => usage)).toHaveLength(1);
  });

  it('more than can be called for is refused', async () => {
    const { answer } = await send(chat, { ...chat.body('anthropic.plain', { prompt: 'Hi.' }, false), n: 99 });
    expect(answer.status).toBe(400);
  });
});

describe('promise 8: one answer', () => {
  it.each(['openai-chat', 'anthropic-messages'])('%s fails over unseen to another wire', async (name) => {
    const surface = surfaceOf(name);
    for (const stream of [false, true]) {
      const { answer, text } = await send(surface, surface.body('failing-over', { prompt: 'Hi.' }, stream));
      expect(answer.headers.get('x-bonito-provider')).toBe('bedrock-converse');
      expect(answer.headers.get('x-bonito-attempts')).toBe('2');
      const said = stream ? surface.collect(readEvents(text)) : (JSON.parse(text) as Json);
      expect(surface.read(said).text).not.toBe('');
    }
  });

  it('an overload after a 200 and before the first word fails over too', async () => {
    const { answer, text } = await send(chat, chat.body('late-failing-over', { prompt: 'Hi.' }, true));
    expect(answer.headers.get('x-bonito-provider')).toBe('gemini');
    expect(chat.read(chat.collect(readEvents(text))).text).not.toBe('');
  });

  const breaking = PROVIDER_ROWS.flatMap((row) =>
    ['error-after-2-status-529', 'cut-after-4', 'malformed-chunk-4'].flatMap((scenario) =>
      ['openai-chat', 'anthropic-messages'].map((surface) => ({ row: row.name, scenario, surface })),
    ),
  );
  // On the same wire bytes pass unread: what is malformed in them is the client's to see.
  const translated = breaking.filter(
    ({ row, scenario, surface }) =>
      !scenario.startsWith('malformed') ||
      !(surface === 'openai-chat' ? /openai|vertex-mistral/ : /claude|anthropic/).test(row),
  );

  it.each(translated)('$scenario at $row is an error in the stream of $surface', async (cell) => {
    const surface = surfaceOf(cell.surface);
    const { answer, text } = await send(
      surface,
      surface.body(`${cell.row}.${cell.scenario}`, { prompt: 'Hi.' }, true),
    );
    const events = readEvents(text);
    if (answer.status !== 200) {
      // It broke before the client could see anything of it.
      expect(answer.status).toBeGreaterThanOrEqual(500);
      return;
    }
    const last = JSON.parse(events.at(-1)?.data ?? '{}') as Json;
    expect(record(last.error).message).toBeTypeOf('string');
    expect(text).not.toContain('[DONE]');
    expect(text).not.toContain('message_stop');
  });

  it('a bad checksum ends the stream with an error', async () => {
    for (const model of ['bedrock-claude.bad-checksum-3', 'bedrock-converse.bad-checksum-3']) {
      const { text } = await send(chat, chat.body(model, { prompt: 'Hi.' }, true));
      expect(text).toContain('"error"');
      expect(text).not.toContain('[DONE]');
    }
  });
});

describe('opaque state belongs to its issuer', () => {
  it('reasoning of another deployment is left out and named, and the answer still comes', async () => {
    const asked = { prompt: 'The weather?', tools: [WEATHER], reasoning: true };
    const first = messages.body('anthropic.think_tool', asked, false);
    const called = await json(messages, first);
    const next = { ...messages.continued(first, called, ['21']), model: 'gemini.think_tool' };
    const { answer, text } = await send(messages, next);
    expect([answer.status, answer.status === 200 ? '' : text]).toEqual([200, '']);
    const translated = chat.body('anthropic.think_tool', asked, false);
    const turn = await json(chat, translated);
    const moved = { ...chat.continued(translated, turn, ['21']), model: 'bedrock-claude.think_tool' };
    const other = await send(chat, moved);
    expect(other.answer.status).toBe(200);
    expect(other.answer.headers.get('x-bonito-dropped-params')).toMatch(/signature/);
  });

  it('a changed signature does not get through as one that is proved', async () => {
    const asked = { prompt: 'The weather?', tools: [WEATHER], reasoning: true };
    const first = chat.body('anthropic.think_tool', asked, false);
    const turn = JSON.parse(
      JSON.stringify(await json(chat, first)).replace(/bo1\.[A-Za-z0-9_-]{4}/, 'bo1.AAAA'),
    ) as Json;
    const { answer } = await send(chat, chat.continued(first, turn, ['21']));
    expect(answer.status).toBe(200);
    expect(answer.headers.get('x-bonito-dropped-params')).toMatch(/signature/);
  });
});

describe('stored responses belong to who got them', () => {
  const responses = surfaceOf('openai-responses');
  const ask = (body: Json) => send(responses, body);

  it.each([false, true])('an id goes on at its issuer and nowhere else, streamed %s', async (stream) => {
    const first = { model: 'openai.plain', input: 'Hello.', store: true, stream };
    const { text } = await ask(first);
    const response = stream ? responses.collect(readEvents(text)) : (JSON.parse(text) as Json);
    expect(response.id).toMatch(/^resp_.+--bo1-/);
    const next = { model: 'openai.plain', input: 'And?', previous_response_id: response.id };
    expect((await ask(next)).answer.status).toBe(200);
    const plain = String(response.id).replace(/--bo1-.*/, '');
    for (const id of [plain, 'resp_of_somebody', `${plain}--bo1-${'A'.repeat(40)}`]) {
      const { answer, text: words } = await ask({ ...next, previous_response_id: id });
      expect(answer.status).toBe(404);
      expect(words).toContain('previous_response_id');
    }
    expect((await ask({ ...next, model: 'openai-compatible.plain' })).answer.status).toBe(404);
    expect((await ask({ ...next, model: 'anthropic.plain' })).answer.status).toBe(400);
    expect((await ask({ ...first, conversation: 'conv_1' })).answer.status).toBe(404);
  });
});

describe('prompt caching is proved', () => {
  const rows = ['anthropic', 'azure-foundry-claude', 'bedrock-claude', 'bedrock-converse', 'vertex-claude'];

  it.each(rows)('marks reach %s, and a longer conversation reads the shorter one', async (row) => {
    const mark = { cache_control: { type: 'ephemeral', ttl: '1h' } };
    const system = [{ type: 'text', text: `Rules of ${row}. ${'Be brief. '.repeat(40)}`, ...mark }];
    const turn = (text: string) => ({
      role: 'user',
      content: [{ type: 'text', text, cache_control: { type: 'ephemeral' } }],
    });
    const tools = [{ name: 'get_weather', input_schema: WEATHER.parameters }];
    const body = { model: `${row}.plain`, max_tokens: 50, system, tools, messages: [turn('One.')] };
    const first = await json(messages, body);
    const written = record(first.usage);
    expect(written.cache_creation_input_tokens).toBeGreaterThan(50);
    expect(record(written.cache_creation).ephemeral_1h_input_tokens).toBeGreaterThan(50);
    const longer = [...body.messages, { role: 'assistant', content: first.content }, turn('Two.')];
    const second = await json(messages, { ...body, messages: longer });
    expect(record(second.usage).cache_read_input_tokens).toBe(written.cache_creation_input_tokens);
    // The same from OpenAI's form, whose marks stand on its parts.
    const openAi = {
      model: `${row}.plain`,
      messages: [
        { role: 'system', content: [{ ...system[0], text: `Other ${system[0]?.text}` }] },
        { role: 'user', content: 'Hi.' },
      ],
    };
    await json(chat, openAi);
    const again = await json(chat, openAi);
    const details = record(record(again.usage).prompt_tokens_details);
    expect(details.cached_tokens).toBeGreaterThan(50);
  });
});

describe('what is billed', () => {
  it('every attempt is what the provider counted', async () => {
    await agent.simulator.settled();
    agent.simulator.reset();
    const asked = { prompt: 'Count me.' };
    for (const row of PROVIDER_ROWS) {
      for (const stream of [false, true]) {
        const surface = stream ? messages : chat;
        const { answer } = await send(surface, surface.body(modelName(row, 'plain'), asked, stream));
        expect(answer.status).toBe(200);
      }
    }
    await agent.simulator.settled();
    expect(agent.simulator.listAttempts()).toHaveLength(PROVIDER_ROWS.length * 2);
  });
});

describe('groups of tools', () => {
  const responses = surfaceOf('openai-responses');
  const find = { type: 'function', name: 'find', parameters: WEATHER.parameters };
  const group = (name: string) => ({ type: 'namespace', name, description: name, tools: [find] });

  it.each(['anthropic', 'bedrock-converse', 'gemini', 'vertex-gemini', 'vertex-mistral', 'cohere'])(
    'at %s keep two tools of the same name apart',
    async (provider) => {
      const body = {
        ...responses.body(`${provider}.tool`, { prompt: 'Where is it?' }, false),
        tools: [group('files'), group('mail')],
      };
      const called = async (input: Json) => {
        const { output } = await json(responses, { ...body, ...input });
        return list(output).find(({ type }) => type === 'function_call') ?? {};
      };
      const first = await called({});
      expect(first).toMatchObject({ name: 'find', namespace: 'files' });
      // It goes back as what it was, beside the other group's.
      const result = { type: 'function_call_output', call_id: first.call_id, output: 'here' };
      const answer = await json(responses, {
        ...body,
        input: [{ role: 'user', content: 'Where is it?' }, first, result],
      });
      expect(answer.status).toBe('completed');
    },
  );
});

describe('ways that there are not', () => {
  it.each([
    ['/v1/embeddings', { model: 'anthropic.plain', input: 'x' }],
    ['/v1/moderations', { model: 'gemini.plain', input: 'x' }],
    ['/model/gemini.plain/converse', { messages: [] }],
    ['/v1beta/models/openai.plain:generateContent', { contents: [] }],
  ])('%s is refused with the ways that there are', async (path, body) => {
    const answer = await fetch(agent.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': agent.key },
      body: JSON.stringify(body),
    });
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain('/v1/chat/completions');
  });

  it('a WebSocket is refused at once', async () => {
    const { request } = await import('node:http');
    const { promise, resolve } = Promise.withResolvers<number | undefined>();
    const headers = {
      connection: 'upgrade',
      upgrade: 'websocket',
      'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
      'sec-websocket-version': '13',
    };
    request(`${agent.url}/v1/responses`, { headers }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    }).end();
    expect(await promise).toBe(426);
  });
});
