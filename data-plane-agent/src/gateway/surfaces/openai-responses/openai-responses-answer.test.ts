import fc from 'fast-check';
import OpenAI, { APIError } from 'openai';
import { describe, expect, it } from 'vitest';
import type { ChatAnswer, ChatStop, ChatUsage, StopReason } from '../../chat/chat-answer.ts';
import type { Citation, OutputPart } from '../../chat/chat-content.ts';
import type { ChatEvent } from '../../chat/chat-event.ts';
import { isObject, type JsonObject } from '../../chat/wire.ts';
import { openAiResponsesSurface as surface } from './openai-responses-surface.ts';
import { ResponseEventWriter } from './response-event-writer.ts';

const REQUEST = surface.readRequest(
  {
    model: 'm',
    input: 'Hello',
    instructions: 'Be kind.',
    temperature: 0.5,
    reasoning: { effort: 'low' },
    text: { verbosity: 'low' },
    tools: [
      { type: 'custom', name: 'apply_patch' },
      { type: 'function', name: 'shell', parameters: {} },
      { type: 'namespace', name: 'mcp', description: '', tools: [{ type: 'function', name: 'list' }] },
    ],
  },
  { header: () => undefined },
);

function stopOf(reason: StopReason): ChatStop {
  return { reason, original: { wire: 'anthropic-messages', value: reason } };
}

const USAGE: ChatUsage = {
  counts: { input: 5, cache_read: 3, cache_write: 2, cache_write_1h: 1, output: 4, reasoning: 6 },
  original: { wire: 'anthropic-messages', value: {} },
};

function answerOf(content: readonly OutputPart[], reason: StopReason = 'end'): ChatAnswer {
  return {
    id: 'msg_01A',
    model: 'claude',
    created: 1_700_000_000,
    choices: [{ index: 0, content, stop: stopOf(reason) }],
    usage: USAGE,
  };
}

/** The events of the same answer, its texts cut into pieces of that many letters. */
function eventsOf(answer: ChatAnswer, size: number): ChatEvent[] {
  const { id, model, created } = answer;
  const choice = 0;
  const events: ChatEvent[] = [{ type: 'start', id, model, created }];
  const pieces = (text: string) => text.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? [];
  answer.choices[0]?.content.forEach((part, call) => {
    switch (part.type) {
      case 'text':
        for (const text of pieces(part.text)) events.push({ type: 'text', choice, text });
        for (const citation of part.citations ?? []) events.push({ type: 'citation', choice, citation });
        events.push({ type: 'part_end', choice });
        break;
      case 'refusal':
        for (const text of pieces(part.text)) events.push({ type: 'refusal', choice, text });
        events.push({ type: 'part_end', choice });
        break;
      case 'reasoning': {
        const { id: thought, signature, encrypted } = part;
        for (const text of pieces(part.text)) events.push({ type: 'reasoning', choice, text });
        if (signature || encrypted)
          events.push({ type: 'reasoning_state', choice, id: thought, signature, encrypted });
        else events.push({ type: 'part_end', choice });
        break;
      }
      case 'tool_call': {
        const { id: callId, name, custom, namespace } = part;
        events.push({ type: 'tool_call', choice, call, id: callId, name, custom, namespace });
        for (const text of pieces(part.arguments))
          events.push({ type: 'tool_arguments', choice, call, text });
        break;
      }
      case 'image':
      case 'audio':
        events.push({ type: 'media', choice, part });
        break;
      case 'other':
        events.push({ type: 'other', original: part.original });
    }
  });
  const stop = answer.choices[0]?.stop ?? stopOf('end');
  events.push({ type: 'stop', choice, stop });
  if (answer.usage) events.push({ type: 'usage', usage: answer.usage });
  return [...events, { type: 'end' }];
}

function streamOf(events: readonly ChatEvent[]): { text: string; dropped: readonly string[] } {
  const writer = surface.eventWriter(REQUEST);
  const pieces = events.flatMap((event) => writer.write(event) ?? []);
  const last = writer.end();
  return { text: Buffer.concat([...pieces, ...(last ? [last] : [])]).toString(), dropped: writer.dropped };
}

function dataOf(text: string): JsonObject[] {
  return text
    .split('\n\n')
    .filter((frame) => frame !== '')
    .map((frame) => {
      const [name, data] = frame.split('\n');
      const value: unknown = JSON.parse((data ?? '').slice('data: '.length));
      if (!isObject(value)) throw new Error('not an object');
      expect(name).toBe(`event: ${String(value.type)}`);
      return value;
    });
}

function clientFor(text: string): OpenAI {
  return new OpenAI({
    apiKey: 'k',
    maxRetries: 0,
    fetch: () => Promise.resolve(new Response(text, { headers: { 'content-type': 'text/event-stream' } })),
  });
}

const CITATION: Citation = {
  url: 'https://x.example',
  title: 'X',
  original: { wire: 'anthropic-messages', value: {} },
};

const CONTENTS: readonly (readonly [string, readonly OutputPart[]])[] = [
  ['nothing', []],
  ['text', [{ type: 'text', text: 'Grüß dich 👋' }]],
  [
    'two texts in a row',
    [
      { type: 'text', text: 'one' },
      { type: 'text', text: 'two' },
    ],
  ],
  [
    'text with citations',
    [{ type: 'text', text: 'cited', citations: [CITATION, { ...CITATION, start: 1, end: 3 }] }],
  ],
  ['a refusal', [{ type: 'refusal', text: 'I will not.' }]],
  [
    'thoughts, text and calls',
    [
      { type: 'reasoning', text: 'Let me think.', signature: { value: 'bo1.sig' } },
      { type: 'text', text: 'I look.' },
      { type: 'tool_call', id: 'call_1', name: 'shell', arguments: '{"a":1}' },
      { type: 'tool_call', id: 'call_2', name: 'list', namespace: 'mcp', arguments: '' },
    ],
  ],
  [
    'thoughts without state in a row, and hidden ones',
    [
      { type: 'reasoning', text: 'First.', summary: true },
      { type: 'reasoning', text: 'Second.', summary: true },
      { type: 'reasoning', text: '', id: 'rs:1', encrypted: { value: 'bo1.enc' } },
      { type: 'reasoning', text: 'Both.', signature: { value: 's' }, encrypted: { value: 'e' } },
    ],
  ],
  [
    'a custom tool, wrapped',
    [{ type: 'tool_call', id: 'c', name: 'apply_patch', arguments: '{"input":"*** Begin\\n"}' }],
  ],
  ['a custom tool, free', [{ type: 'tool_call', id: 'c', name: 'x', arguments: '*** Begin', custom: true }]],
  ['a picture', [{ type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'AAAA' } }]],
];

describe('a streamed answer', () => {
  it.each(CONTENTS)(
    'gives the real client the same as the answer in one piece: %s',
    async (_name, content) => {
      const answer = answerOf(content);
      const whole = surface.writeAnswer(answer, REQUEST);
      const { text } = streamOf(eventsOf(answer, 3));
      const stream = clientFor(text).responses.stream({ model: 'm', input: 'Hello' });
      const final = JSON.parse(JSON.stringify(await stream.finalResponse())) as JsonObject;
      const { output_text: shown, ...response } = withoutParsed(final);
      expect(response).toEqual(whole.value);
      expect(shown).toBe(content.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join(''));
    },
  );

  it('has the events of the API in their order, numbered', () => {
    const content: OutputPart[] = [
      { type: 'reasoning', text: 'Hm', signature: { value: 's' } },
      { type: 'text', text: 'ab', citations: [CITATION] },
      { type: 'refusal', text: 'no' },
      { type: 'tool_call', id: 'c1', name: 'shell', arguments: '{}' },
      { type: 'tool_call', id: 'c2', name: 'x', arguments: 'y', custom: true },
    ];
    const events = dataOf(streamOf(eventsOf(answerOf(content), 9)).text);
    expect(events.map((event) => event.sequence_number)).toEqual(events.map((_event, index) => index));
    expect(events.map((event) => event.type)).toEqual(
      [
        'created',
        'in_progress',
        'output_item.added',
        'reasoning_summary_part.added',
        'reasoning_summary_text.delta',
        'reasoning_summary_text.done',
        'reasoning_summary_part.done',
        'output_item.done',
        'output_item.added',
        'content_part.added',
        'output_text.delta',
        'output_text.annotation.added',
        'output_text.done',
        'content_part.done',
        'content_part.added',
        'refusal.delta',
        'refusal.done',
        'content_part.done',
        'output_item.done',
        'output_item.added',
        'function_call_arguments.delta',
        'function_call_arguments.done',
        'output_item.done',
        'output_item.added',
        'custom_tool_call_input.delta',
        'custom_tool_call_input.done',
        'output_item.done',
        'completed',
      ].map((name) => `response.${name}`),
    );
  });

  it('sends the first words at once', () => {
    const writer = surface.eventWriter(REQUEST);
    const start: ChatEvent = { type: 'start', id: 'a', model: 'm', created: 1 };
    expect(dataOf(String(writer.write(start))).map(({ type }) => type)).toEqual([
      'response.created',
      'response.in_progress',
    ]);
    const frames = dataOf(String(writer.write({ type: 'text', choice: 0, text: 'Hi' })));
    expect(frames.at(-1)).toMatchObject({ type: 'response.output_text.delta', delta: 'Hi', logprobs: [] });
  });

  it.each<[StopReason, string, unknown]>([
    ['end', 'completed', null],
    ['stop_sequence', 'completed', null],
    ['tool_calls', 'completed', null],
    ['other', 'completed', null],
    ['length', 'incomplete', { reason: 'max_output_tokens' }],
    ['context_full', 'incomplete', { reason: 'max_output_tokens' }],
    ['content_filter', 'incomplete', { reason: 'content_filter' }],
    ['refusal', 'incomplete', { reason: 'content_filter' }],
  ])('that stopped for %s is %s', (reason, status, details) => {
    const answer = answerOf([{ type: 'text', text: 'cut o' }], reason);
    const whole = surface.writeAnswer(answer, REQUEST).value;
    expect(whole).toMatchObject({ status, incomplete_details: details, output: [{ status }] });
    const last = dataOf(streamOf(eventsOf(answer, 2)).text).at(-1);
    expect(last).toMatchObject({ type: `response.${status}`, response: whole });
  });

  const begin = (call: number): ChatEvent => ({
    type: 'tool_call',
    choice: 0,
    call,
    id: `c${call}`,
    name: 'shell',
  });
  const more = (call: number, text: string): ChatEvent => ({ type: 'tool_arguments', choice: 0, call, text });
  it.each<[string, ChatEvent[]]>([
    ['all begin first', [begin(0), begin(1), begin(2), more(1, '{"b":1}'), more(0, '{"a":'), more(0, '1}')]],
    [
      'they take turns',
      [begin(0), more(0, '{"a":'), begin(1), more(1, '{"b":'), more(0, '1}'), more(1, '1}'), begin(2)],
    ],
    ['each is whole before the next', [begin(0), more(0, '{"a":1}'), begin(1), more(1, '{"b":1}'), begin(2)]],
  ])('has the arguments of each call where %s', (_what, events) => {
    const start: ChatEvent = { type: 'start', id: 'a', model: 'm', created: 1 };
    const said = dataOf(streamOf([start, ...events, { type: 'text', choice: 0, text: 'So.' }]).text);
    const texts = ['{"a":1}', '{"b":1}', '{}'];
    const output = texts.map((text, index) => ({ call_id: `c${index}`, arguments: text }));
    const { response } = said.at(-1) as { response: { output: JsonObject[] } };
    expect(response.output).toMatchObject([...output, { type: 'message' }]);
    for (const [index, item] of response.output.entries()) {
      const own = said.filter((event) => event.output_index === index);
      expect(own[0]).toMatchObject({ type: 'response.output_item.added' });
      expect(own.at(-1)).toEqual(expect.objectContaining({ type: 'response.output_item.done', item }));
      const deltas = own.flatMap(({ type, delta }) =>
        type === 'response.function_call_arguments.delta' ? [delta] : [],
      );
      if (index < texts.length) expect(deltas.join('')).toBe(texts[index]);
    }
  });

  it('with more of a call that is complete is an error and loses nothing in silence', () => {
    const writer = surface.eventWriter(REQUEST);
    for (const event of [begin(0), { type: 'text', choice: 0, text: 'So.' } as const]) writer.write(event);
    expect(() => writer.write(more(0, '{}'))).toThrow();
  });

  it('of any parts is the same in one piece and in many', () => {
    const words = fc.string({ unit: 'grapheme', maxLength: 6 });
    const state = fc.option(fc.record({ value: fc.string({ minLength: 1, maxLength: 4 }) }), {
      nil: undefined,
    });
    const part: fc.Arbitrary<OutputPart> = fc.oneof(
      fc.record({ type: fc.constant('text' as const), text: words }),
      fc.record({ type: fc.constant('refusal' as const), text: words }),
      fc.record({ type: fc.constant('reasoning' as const), text: words, signature: state, encrypted: state }),
      fc.record({
        type: fc.constant('tool_call' as const),
        id: fc.string({ minLength: 1, maxLength: 4 }),
        name: fc.constantFrom('shell', 'apply_patch', 'list'),
        arguments: words,
      }),
    );
    const reason = fc.constantFrom<StopReason>('end', 'length', 'tool_calls', 'content_filter');
    fc.assert(
      fc.property(
        fc.array(part, { maxLength: 5 }),
        reason,
        fc.integer({ min: 1, max: 5 }),
        (content, why, size) => {
          const answer = answerOf(content, why);
          const whole = surface.writeAnswer(answer, REQUEST);
          const { text, dropped } = streamOf(eventsOf(answer, size));
          expect(dataOf(text).at(-1)?.response).toEqual(whole.value);
          expect(dropped).toEqual(whole.dropped);
        },
      ),
    );
  });
});

describe('a whole answer', () => {
  it('is a response with what it repeats of the request', () => {
    const { value, dropped } = surface.writeAnswer(answerOf([{ type: 'text', text: 'Hi' }]), REQUEST);
    expect(dropped).toEqual([]);
    expect(value).toMatchObject({
      id: 'resp_01A',
      object: 'response',
      created_at: 1_700_000_000,
      status: 'completed',
      error: null,
      incomplete_details: null,
      instructions: 'Be kind.',
      temperature: 0.5,
      top_p: 1,
      store: false,
      reasoning: { effort: 'low', summary: null },
      text: { format: { type: 'text' }, verbosity: 'low' },
      output: [
        {
          id: 'msg_01A_0',
          type: 'message',
          status: 'completed',
          role: 'assistant',
          content: [{ type: 'output_text', text: 'Hi', annotations: [], logprobs: [] }],
        },
      ],
      usage: {
        input_tokens: 11,
        input_tokens_details: { cached_tokens: 3, cache_write_tokens: 3 },
        output_tokens: 10,
        output_tokens_details: { reasoning_tokens: 6 },
        total_tokens: 21,
      },
    });
  });

  it('names what the wire cannot express', () => {
    const answer = answerOf([
      {
        type: 'text',
        text: 'a',
        citations: [{ quote: 'q', original: { wire: 'anthropic-messages', value: {} } }],
      },
      { type: 'image', source: { kind: 'url', url: 'https://x' } },
      { type: 'audio', source: { kind: 'base64', mediaType: 'audio/wav', data: 'AA' } },
      { type: 'other', original: { wire: 'anthropic-messages', value: {} } },
    ]);
    const [choice] = answer.choices;
    const two = { ...answer, choices: choice ? [choice, { ...choice, index: 1 }] : [] };
    const extra = { wire: 'openai-chat', fields: { system_fingerprint: 'f' } } as const;
    expect(surface.writeAnswer({ ...two, extra }, REQUEST).dropped).toEqual([
      'output.annotations',
      'output.image',
      'output.audio',
      'output',
      'choices',
      'system_fingerprint',
    ]);
  });

  it("takes over what OpenAI's chat says besides", () => {
    const logprob = { token: 'Hi', logprob: -0.1, bytes: [72, 105], top_logprobs: [] };
    const fields = { logprobs: { content: [logprob], refusal: null }, content_filter_results: null };
    const members = { service_tier: 'flex', system_fingerprint: null };
    const answer = answerOf([{ type: 'text', text: 'Hi' }]);
    const [choice] = answer.choices;
    const whole = surface.writeAnswer(
      {
        ...answer,
        choices: choice ? [{ ...choice, extra: { wire: 'openai-chat', fields } }] : [],
        extra: { wire: 'openai-chat', fields: members },
      },
      REQUEST,
    );
    expect(whole.dropped).toEqual([]);
    expect(whole.value).toMatchObject({
      service_tier: 'flex',
      output: [{ content: [{ text: 'Hi', logprobs: [logprob] }] }],
    });
    const events = eventsOf(answer, 9).flatMap((event): ChatEvent[] => {
      if (event.type === 'start') return [{ ...event, extra: { wire: 'openai-chat', fields: members } }];
      if (event.type !== 'text') return [event];
      return [
        event,
        { type: 'other', original: { wire: 'openai-chat', value: { choice: fields } } },
        { type: 'other', original: { wire: 'openai-chat', value: { chunk: { obfuscation: 'x' } } } },
      ];
    });
    const { text, dropped } = streamOf(events);
    expect(dropped).toEqual([]);
    expect(dataOf(text).at(-1)?.response).toEqual(whole.value);
  });

  it('keeps figures and items of its own wire', () => {
    const own = { input_tokens: 1, output_tokens: 2, total_tokens: 3 };
    const item = { id: 'ws_1', type: 'web_search_call', status: 'completed' };
    const answer: ChatAnswer = {
      ...answerOf([{ type: 'other', original: { wire: 'openai-responses', value: item } }]),
      usage: { counts: {}, original: { wire: 'openai-responses', value: own } },
    };
    expect(surface.writeAnswer(answer, REQUEST).value).toMatchObject({ usage: own, output: [item] });
  });
});

describe('an error inside a stream', () => {
  const error = { kind: 'overloaded', message: 'Too many.' } as const;
  const { body } = surface.errors.provider(error, 529, 'r');

  it.each<[string, () => Buffer | undefined]>([
    ['by itself', () => surface.errors.event(body)],
    [
      'after its beginning',
      () => {
        const writer = new ResponseEventWriter(REQUEST);
        const start = writer.write({ type: 'start', id: 'a', model: 'm', created: 1 });
        const text = writer.write({ type: 'text', choice: 0, text: 'Hi' });
        const failed = writer.fail(body);
        return Buffer.concat([start, text, failed].flatMap((bytes) => bytes ?? []));
      },
    ],
  ])('makes the real client throw: %s', async (_name, write) => {
    const text = String(write());
    const stream = clientFor(text).responses.stream({ model: 'm', input: 'Hello' });
    const thrown: unknown = await stream.finalResponse().catch((cause: unknown) => cause);
    expect(thrown).toBeInstanceOf(APIError);
    expect(thrown).toMatchObject({ code: 'overloaded', type: 'server_error' });
    expect(dataOf(text).slice(-2)).toMatchObject([
      { type: 'error', code: 'overloaded', message: 'Too many.', param: null },
      { type: 'response.failed', response: { status: 'failed', error: { code: 'overloaded' } } },
    ]);
  });

  it.each([
    ['content_filtered', 'content_filter'],
    ['invalid_request', null],
  ] as const)('says of %s in a failed response that asking again is no use', (kind, code) => {
    const refused = surface.errors.provider({ kind, message: 'No.' }, 400, 'r').body;
    expect(dataOf(String(surface.errors.event(refused)))).toMatchObject([
      { type: 'error', code, message: 'No.' },
      { type: 'response.failed', response: { error: { code: 'invalid_prompt', message: 'No.' } } },
    ]);
  });
});

/** The client adds what it parsed of structured output. */
function withoutParsed(value: JsonObject): JsonObject {
  return JSON.parse(
    JSON.stringify(value, (name, member: unknown) =>
      name === 'parsed' || name === 'parsed_arguments' || name === 'output_parsed' ? undefined : member,
    ),
  ) as JsonObject;
}
