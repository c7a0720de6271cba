import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChatEvent } from '../../chat/chat-event.ts';
import type { ChatMessage, ChatRequest } from '../../chat/chat-request.ts';
import { GatewayError } from '../../errors/gateway-error.ts';
import { SseFrameSplitter } from '../../framing/sse-frame-splitter.ts';
import type { CompiledTarget } from '../../snapshot/snapshot.ts';
import { MalformedAnswerError } from '../malformed-answer-error.ts';
import { cohereChat } from './cohere-dialects.ts';
import { cohereEmbeddings } from './embeddings.ts';
import { readError } from './read-error.ts';
import { cohereRerank } from './rerank.ts';

const target = (basePath = ''): CompiledTarget =>
  ({ deployment: { upstream_model: 'command-a' }, provider: { basePath, config: {} } }) as CompiledTarget;
const say = (text: string): ChatMessage => ({ role: 'user', content: [{ type: 'text', text }] });
const chat = (more: Partial<ChatRequest>): ChatRequest => ({
  model: 'm',
  messages: [say('hi')],
  tools: [],
  sampling: {},
  stream: false,
  includeUsage: false,
  ...more,
});
const write = (more: Partial<ChatRequest>) => cohereChat.writeRequest(chat(more), target());
const tool = (name: string, more: object = {}) => ({ type: 'function' as const, name, ...more });
const call = { type: 'tool_call', id: 'w_1', name: 'weather', arguments: '' } as const;

describe('requests', () => {
  it.each([
    ['', '/v2/chat'],
    ['/v2', '/chat'],
  ])('go to the right path below "%s"', (basePath, path) => {
    expect(cohereChat.address(target(basePath), false).path).toBe(path);
  });

  it.each<[string, Partial<ChatRequest>, object, string[]]>([
    [
      'sampling',
      {
        sampling: {
          temperature: 0.1,
          topP: 0.5,
          topK: 3,
          seed: 1,
          frequencyPenalty: 0.2,
          presencePenalty: 0.3,
          maxOutputTokens: 9,
          stopSequences: ['x'],
          logprobs: true,
          topLogprobs: 2,
          logitBias: {},
        },
      },
      {
        temperature: 0.1,
        p: 0.5,
        k: 3,
        seed: 1,
        frequency_penalty: 0.2,
        presence_penalty: 0.3,
        max_tokens: 9,
        stop_sequences: ['x'],
        logprobs: true,
      },
      ['logit_bias', 'top_logprobs'],
    ],
    ['a p that is too large', { sampling: { topP: 1 } }, { p: 0.99 }, ['top_p']],
    [
      'what is out of range',
      { sampling: { temperature: 1.5, frequencyPenalty: -1, presencePenalty: 2 } },
      { temperature: 1, frequency_penalty: 0, presence_penalty: 1 },
      ['temperature', 'frequency_penalty', 'presence_penalty'],
    ],
    ['a budget', { reasoning: { budgetTokens: 5 } }, { thinking: { type: 'enabled', token_budget: 5 } }, []],
    ['no thinking', { reasoning: { effort: 'none' } }, { thinking: { type: 'disabled' } }, []],
    ['an effort', { reasoning: { effort: 'low' } }, { thinking: { type: 'enabled' } }, ['reasoning.effort']],
    ['json', { responseFormat: { type: 'json' } }, { response_format: { type: 'json_object' } }, []],
    [
      'a schema',
      {
        responseFormat: {
          type: 'json_schema',
          name: 'n',
          strict: true,
          schema: {
            type: 'object',
            properties: { minimum: { type: 'number', minimum: 1, enum: [{ minimum: 1 }] } },
          },
        },
      },
      {
        response_format: {
          type: 'json_object',
          json_schema: {
            type: 'object',
            properties: { minimum: { type: 'number', enum: [{ minimum: 1 }] } },
          },
        },
      },
      ['response_format.json_schema.schema.properties.minimum.minimum'],
    ],
    [
      'required tools',
      { tools: [tool('a', { strict: true })], toolChoice: { type: 'required' } },
      { tool_choice: 'REQUIRED', strict_tools: true },
      [],
    ],
    ['no tool', { tools: [tool('a')], toolChoice: { type: 'none' } }, { tool_choice: 'NONE' }, []],
    [
      'the one tool by name',
      { tools: [tool('a')], toolChoice: { type: 'function', name: 'a' } },
      { tool_choice: 'REQUIRED' },
      [],
    ],
    [
      'a tool by a name that none has',
      { tools: [tool('a'), tool('b')], toolChoice: { type: 'function', name: 'c' } },
      { tool_choice: 'REQUIRED' },
      ['tool_choice'],
    ],
    [
      'a schema with words that are not known there',
      {
        responseFormat: {
          type: 'json_schema',
          name: 'n',
          schema: {
            type: 'object',
            properties: {
              mail: { type: 'string', format: 'email' },
              day: { type: 'string', format: 'date' },
              code: { type: 'string', pattern: '^[a-z]+$' },
              plain: { type: 'string', pattern: '[a-z]+' },
            },
          },
        },
      },
      {
        response_format: {
          type: 'json_object',
          json_schema: {
            type: 'object',
            properties: {
              mail: { type: 'string' },
              day: { type: 'string', format: 'date' },
              code: { type: 'string' },
              plain: { type: 'string', pattern: '[a-z]+' },
            },
          },
        },
      },
      [
        'response_format.json_schema.schema.properties.mail.format',
        'response_format.json_schema.schema.properties.code.pattern',
      ],
    ],
    [
      'what is OpenAI’s alone',
      {
        endUser: 'u',
        metadata: {},
        serviceTier: 'flex',
        verbosity: 'low',
        cacheKey: 'k',
        parallelToolCalls: false,
        extra: { wire: 'openai-chat', fields: { store: true, safety_mode: 'STRICT' } },
      },
      { safety_mode: 'STRICT' },
      ['parallel_tool_calls', 'store', 'user', 'metadata', 'service_tier', 'verbosity', 'prompt_cache_key'],
    ],
  ])('write %s', (_what, more, fields, dropped) => {
    const written = write(more);
    expect(written.value).toMatchObject(fields);
    expect([...written.dropped].sort()).toEqual([...dropped].sort());
    expect(write(more)).toEqual(written);
  });

  it('offer the one tool that has to be called', () => {
    const toolChoice = { type: 'function' as const, name: 'b' };
    const { value, dropped } = write({ tools: [tool('a'), tool('b')], toolChoice });
    expect(value).toMatchObject({ tool_choice: 'REQUIRED', tools: [{ function: { name: 'b' } }] });
    expect(value.tools).toHaveLength(1);
    expect(dropped).toEqual([]);
  });

  it('have no format beside tools or documents', () => {
    const documents = { extra: { wire: 'openai-chat' as const, fields: { documents: ['d'] } } };
    for (const more of [{ tools: [tool('a')] }, documents]) {
      const { value, dropped } = write({ ...more, responseFormat: { type: 'json' } });
      expect(value.response_format).toBeUndefined();
      expect(dropped).toEqual(['response_format']);
    }
  });

  it('keep messages, in their order', () => {
    const messages: ChatMessage[] = [
      {
        role: 'developer',
        content: [
          { type: 'text', text: 'a', cache: {} },
          { type: 'text', text: 'b' },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'look' },
          { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'AA' }, detail: 'low' },
          { type: 'file', source: { kind: 'text', text: 'x' }, name: 'a.txt' },
          { type: 'file', source: { kind: 'base64', mediaType: 'text/csv', data: 'YSxi' } },
          { type: 'file', source: { kind: 'base64', mediaType: 'application/pdf', data: 'AA' } },
        ],
      },
      {
        role: 'assistant',
        content: [{ type: 'reasoning', text: 'hm' }, { type: 'text', text: 'I look it up' }, call],
      },
      { role: 'tool', toolCallId: 'w_1', content: [{ type: 'text', text: '3°' }], isError: true },
      { role: 'assistant', content: [{ type: 'text', text: 'cold' }] },
    ];
    const { value, dropped } = write({ messages });
    expect(value.messages).toEqual([
      {
        role: 'system',
        content: [
          { type: 'text', text: 'a' },
          { type: 'text', text: 'b' },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'look' },
          { type: 'image_url', image_url: { url: 'data:image/png;base64,AA', detail: 'low' } },
          { type: 'text', text: 'x' },
          { type: 'text', text: 'a,b' },
        ],
      },
      {
        role: 'assistant',
        tool_plan: 'I look it up',
        tool_calls: [{ id: 'w_1', type: 'function', function: { name: 'weather', arguments: '{}' } }],
        content: [{ type: 'thinking', thinking: 'hm' }],
      },
      { role: 'tool', tool_call_id: 'w_1', content: '3°' },
      { role: 'assistant', content: 'cold' },
    ]);
    expect(dropped).toEqual([
      'messages[0].content[0].cache_control',
      'messages[1].content[2].name',
      'messages[1].content[4]',
      'messages[3].is_error',
    ]);
  });

  it('write the same front for a longer conversation', () => {
    const message = fc.oneof(
      fc.string().map(say),
      fc.record({
        role: fc.constant('assistant' as const),
        content: fc.array(fc.constantFrom(call, { type: 'text' as const, text: 'x' }), { maxLength: 3 }),
      }),
      fc.record({
        role: fc.constant('tool' as const),
        toolCallId: fc.string(),
        content: fc.constant([{ type: 'text' as const, text: 'x' }]),
      }),
    );
    fc.assert(
      fc.property(fc.array(message, { maxLength: 8 }), fc.nat(8), (messages, count) => {
        const whole = write({ messages }).value.messages as unknown[];
        const part = write({ messages: messages.slice(0, count) }).value.messages as unknown[];
        expect(JSON.stringify(whole.slice(0, part.length))).toBe(JSON.stringify(part));
      }),
    );
  });
});

const USAGE = {
  billed_units: { input_tokens: 5, output_tokens: 7 },
  tokens: { input_tokens: 70, output_tokens: 9 },
  cached_tokens: 60,
};
const COUNTS = { input: 10, cache_read: 60, output: 9 };

describe('answers', () => {
  it('are read, with thoughts, citations and figures', () => {
    const citation = {
      start: 2,
      end: 5,
      text: 'abc',
      content_index: 1,
      sources: [{ type: 'document', id: 'd', document: { title: 'T', url: 'https://x', snippet: 'q' } }],
    };
    const answer = cohereChat.readAnswer({
      id: 'i',
      finish_reason: 'MAX_TOKENS',
      message: {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: 'hm' },
          { type: 'text', text: '🙂 abc' },
        ],
        citations: [citation],
        tool_calls: null,
      },
      usage: USAGE,
    });
    const original = { wire: 'cohere-chat', value: citation };
    expect(answer.choices).toEqual([
      {
        index: 0,
        content: [
          { type: 'reasoning', text: 'hm' },
          {
            type: 'text',
            text: '🙂 abc',
            citations: [{ url: 'https://x', title: 'T', quote: 'q', start: 3, end: 6, original }],
          },
        ],
        stop: { reason: 'length', original: { wire: 'cohere-chat', value: 'MAX_TOKENS' } },
      },
    ]);
    expect(answer.usage?.counts).toMatchObject(COUNTS);
  });

  it('name every source of a statement', () => {
    const citation = {
      start: 0,
      end: 2,
      sources: [
        { type: 'document', id: 'd', document: { id: 'd', text: 'one', title: 'A' } },
        { type: 'tool', id: 'w_1:0', tool_output: { content: 'two' } },
      ],
    };
    const message = { content: [{ type: 'text', text: 'So.' }], citations: [citation] };
    const original = { wire: 'cohere-chat', value: citation };
    const citations = [
      { title: 'A', quote: 'one', start: 0, end: 2, original },
      { quote: 'two', start: 0, end: 2, original },
    ];
    const answer = cohereChat.readAnswer({ message, finish_reason: 'COMPLETE' });
    expect(answer.choices[0]?.content).toEqual([{ type: 'text', text: 'So.', citations }]);
    const streamed = read(
      event('content-start', content({ type: 'text', text: 'So.' })) +
        event('citation-start', { index: 0, delta: { message: { citations: citation } } }),
    );
    expect(streamed.slice(2)).toEqual(
      citations.map((one) => ({ type: 'citation', choice: 0, citation: one })),
    );
  });

  it.each(['PLAN', 'THINKING_CONTENT'])('do not take a place in a %s for one in the text', (type) => {
    const citation = { type, content_index: 0, start: 4, end: 9, sources: [] };
    const thought = { type: 'thinking', thinking: 'a long thought' };
    const message = { content: [thought, { type: 'text', text: 'So.' }], citations: [citation] };
    const [choice] = cohereChat.readAnswer({ message, finish_reason: 'COMPLETE' }).choices;
    const original = { wire: 'cohere-chat', value: citation };
    expect(choice?.content[1]).toEqual({ type: 'text', text: 'So.', citations: [{ original }] });
  });

  it('give tools their own names back', () => {
    const request = chat({ tools: [tool('get-it')] });
    const written = cohereChat.writeRequest(request, target()).value.tools as {
      function: { name: string };
    }[];
    const name = written[0]?.function.name;
    expect(name).toMatch(/^get_it_[0-9a-f]{8}$/);
    const message = { tool_plan: 'p', tool_calls: [{ id: 'a', function: { name, arguments: '{"x":1}' } }] };
    expect(cohereChat.readAnswer({ finish_reason: 'COMPLETE', message }, request).choices[0]).toMatchObject({
      content: [
        { type: 'text', text: 'p' },
        { type: 'tool_call', id: 'a', name: 'get-it', arguments: '{"x":1}' },
      ],
      stop: { reason: 'tool_calls' },
    });
  });

  it.each([
    ['COMPLETE', 'end'],
    ['STOP_SEQUENCE', 'stop_sequence'],
    ['TOOL_CALL', 'tool_calls'],
    ['ERROR_TOXIC', 'content_filter'],
    ['ERROR_LIMIT', 'context_full'],
    ['ERROR', 'failed'],
    ['TIMEOUT', 'failed'],
    [null, 'other'],
  ])('stop for %s', (finish_reason, reason) => {
    const answer = cohereChat.readAnswer({ message: {}, finish_reason });
    expect(answer.choices[0]).toMatchObject({ content: [], stop: { reason } });
  });

  it('never fail but by saying where', () => {
    const value = fc.jsonValue();
    fc.assert(
      fc.property(
        fc.record({
          message: fc.oneof(value, fc.record({ content: value, tool_calls: value, citations: value })),
          usage: value,
        }),
        (body) => {
          try {
            cohereChat.readAnswer(body);
          } catch (error) {
            expect(error).toBeInstanceOf(MalformedAnswerError);
          }
        },
      ),
    );
  });
});

const event = (type: string, members: object = {}) =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...members })}\n\n`;
const content = (piece: object, index = 0) => ({ index, delta: { message: { content: piece } } });
const calls = (value: object, index = 0) => ({ index, delta: { message: { tool_calls: value } } });
const STREAM = [
  event('message-start', { id: 'i', delta: { message: { role: 'assistant', content: [] } } }),
  event('content-start', content({ type: 'thinking', thinking: '' })),
  event('content-delta', content({ thinking: 'hm' })),
  event('content-end', { index: 0 }),
  event('content-start', content({ type: 'text', text: '' }, 1)),
  event('content-delta', content({ text: 'grüß 🙂' }, 1)),
  event('citation-start', { index: 0, delta: { message: { citations: { start: 5, end: 6, sources: [] } } } }),
  event('citation-end', { index: 0 }),
  event('content-end', { index: 1 }),
  event('tool-plan-delta', { delta: { message: { tool_plan: 'plan' } } }),
  event('tool-call-start', calls({ id: 'a', type: 'function', function: { name: 'f', arguments: '' } })),
  event('tool-call-delta', calls({ function: { arguments: '{"x"' } })),
  event('tool-call-delta', calls({ function: { arguments: ':1}' } })),
  event('tool-call-end', { index: 0 }),
  event('tool-call-start', calls({ id: 'b', type: 'function', function: { name: 'g', arguments: '' } }, 1)),
  event('unheard-of'),
  ': ping\n\n',
  event('message-end', { delta: { finish_reason: 'TOOL_CALL', usage: USAGE } }),
].join('');

function read(text: string, cuts: readonly number[] = []): ChatEvent[] {
  const bytes = Buffer.from(text);
  const splitter = new SseFrameSplitter(1_000_000);
  const reader = cohereChat.eventReader();
  const places = [0, ...cuts.map((cut) => cut % bytes.length).sort((a, b) => a - b), bytes.length];
  const frames = places.flatMap((place, index) => splitter.push(bytes.subarray(place, places[index + 1])));
  return [...frames, ...splitter.end()].flatMap((frame) => reader.read(frame)).concat(reader.end());
}

describe('streams', () => {
  it('are read, however they are cut', () => {
    const events = read(STREAM);
    expect(events).toMatchObject([
      { type: 'start', id: 'i' },
      { type: 'reasoning', text: 'hm' },
      { type: 'part_end' },
      { type: 'text', text: 'grüß 🙂' },
      { type: 'citation', citation: { start: 5, end: 7 } },
      { type: 'part_end' },
      { type: 'text', text: 'plan' },
      { type: 'tool_call', call: 0, id: 'a', name: 'f' },
      { type: 'tool_arguments', call: 0, text: '{"x"' },
      { type: 'tool_arguments', call: 0, text: ':1}' },
      { type: 'tool_call', call: 1, id: 'b', name: 'g' },
      { type: 'usage', usage: { counts: COUNTS } },
      { type: 'stop', stop: { reason: 'tool_calls' } },
      { type: 'end' },
    ]);
    fc.assert(
      fc.property(fc.array(fc.nat(5_000), { maxLength: 20 }), (cuts) => {
        expect(read(STREAM, cuts)).toEqual(events);
      }),
    );
  });

  it.each([
    [{ finish_reason: 'ERROR', error: 'too many tokens: cannot exceed 8 - received 9' }, 'context_too_long'],
    [{ finish_reason: 'ERROR' }, 'provider_error'],
    [{ finish_reason: 'TIMEOUT' }, 'timeout'],
  ])('that fail say so: %j', (delta, kind) => {
    const events = read(event('message-start', { id: 'i' }) + event('message-end', { delta }));
    expect(events).toMatchObject([{ type: 'start' }, { type: 'error', error: { kind } }]);
  });

  it('have citations behind the part that they are about, and an object for no arguments', () => {
    const cited = { index: 0, delta: { message: { citations: { start: 0, end: 2, sources: [] } } } };
    const events = read(
      [
        event('message-start', { id: 'i' }),
        event('content-start', content({ type: 'text', text: '' })),
        event('content-delta', content({ text: 'So' })),
        event('content-end', { index: 0 }),
        event('citation-start', cited),
        event(
          'tool-call-start',
          calls({ id: 'a', type: 'function', function: { name: 'f', arguments: '' } }),
        ),
        event('tool-call-end', { index: 0 }),
      ].join(''),
    );
    expect(events.map(({ type }) => type)).toEqual([
      'start',
      'text',
      'citation',
      'tool_call',
      'tool_arguments',
    ]);
    expect(events.at(-1)).toMatchObject({ text: '{}' });
  });

  it('that are cut off do not end', () => {
    expect(read(STREAM.slice(0, 600)).some(({ type }) => type === 'stop' || type === 'end')).toBe(false);
  });
});

it.each([
  [400, 'invalid request: x', 'invalid_request'],
  [401, 'invalid api token', 'unauthenticated'],
  [404, "model 'x' not found, make sure", 'model_not_found'],
  [422, 'invalid type', 'invalid_request'],
  [429, 'Please wait and try again later', 'rate_limited'],
  [429, 'You are using a Trial key, which is limited to 1000 API calls / month.', 'quota_exhausted'],
  [429, 'You are past the per month request limit, please wait.', 'quota_exhausted'],
  [498, 'blocked', 'content_filtered'],
  [499, 'request cancelled', 'timeout'],
  [500, 'internal', 'provider_error'],
  [503, 'unavailable', 'overloaded'],
])('a %i saying "%s" is %s', (status, message, kind) => {
  const body = Buffer.from(JSON.stringify({ id: 'x', message }));
  expect(readError({ status, headers: {}, body })).toMatchObject({ kind, message });
});

it('names the figures of a prompt that is too long', () => {
  const message =
    'too many tokens: total number of tokens in the prompt cannot exceed 4081 - received 5000. Try a shorter prompt.';
  const body = Buffer.from(JSON.stringify({ message }));
  expect(readError({ status: 400, headers: {}, body })).toMatchObject({
    kind: 'context_too_long',
    tokens: { sent: 5000, limit: 4081 },
  });
});

describe('embeddings', () => {
  it('ask for what the client asked for', () => {
    const body = {
      model: 'm',
      input: 'x',
      encoding_format: 'base64',
      dimensions: 256,
      user: 'u',
      input_type: 'search_query',
    };
    expect(cohereEmbeddings.write(body, target())).toEqual({
      value: {
        model: 'command-a',
        texts: ['x'],
        input_type: 'search_query',
        embedding_types: ['base64'],
        output_dimension: 256,
      },
      dropped: ['user'],
      path: '/v2/embed',
    });
    expect(() => cohereEmbeddings.write({ model: 'm', input: [1, 2] }, target())).toThrow('wrong type');
  });

  it.each([
    ['float', { float: [[1, 0]] }, [1, 0]],
    ['base64', { float: [[1, 0]] }, 'AACAPwAAAAA='],
    ['base64', { base64: ['AACAPw=='] }, 'AACAPw=='],
  ])('come as %s from %j', (encoding_format, embeddings, embedding) => {
    const answer = { embeddings, meta: { billed_units: { input_tokens: 2 } } };
    expect(cohereEmbeddings.read(answer, { model: 'm', encoding_format })).toEqual({
      value: {
        object: 'list',
        data: [{ object: 'embedding', index: 0, embedding }],
        model: 'm',
        usage: { prompt_tokens: 2, total_tokens: 2 },
      },
      usage: { input: 2 },
    });
  });
});

describe('rerank', () => {
  const body = { model: 'm', query: 'q', documents: ['a', { text: 'b' }], top_n: 1 };

  it('asks in the words of the second version', () => {
    const older = { max_chunks_per_doc: null, rank_fields: ['text'], return_documents: true };
    expect(cohereRerank.write({ ...body, ...older, max_tokens_per_doc: 9 }, target())).toEqual({
      value: { model: 'command-a', query: 'q', top_n: 1, max_tokens_per_doc: 9, documents: ['a', 'b'] },
      dropped: ['rank_fields'],
      path: '/v2/rerank',
    });
  });

  it.each([[undefined], ['a'], [[{ title: 'x' }]]])('does not rank %j', (documents) => {
    expect(() => cohereRerank.write({ ...body, documents }, target())).toThrow(GatewayError);
  });

  it('uses searches and no tokens, and gives documents back where they were asked for', () => {
    const results = [{ index: 1, relevance_score: 0.5 }];
    const answer = { id: 'i', results, meta: { billed_units: { search_units: 1 } } };
    expect(cohereRerank.read(answer, body)).toEqual({ value: answer, usage: { searches: 1 } });
    expect(cohereRerank.read({ results }, { ...body, return_documents: true })).toEqual({
      value: { results: [{ index: 1, relevance_score: 0.5, document: { text: 'b' } }] },
      usage: undefined,
    });
    expect(() => cohereRerank.read({}, body)).toThrow(MalformedAnswerError);
  });
});
