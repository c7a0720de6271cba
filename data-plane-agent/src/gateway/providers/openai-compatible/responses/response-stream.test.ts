import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChatEvent } from '../../../chat/chat-event.ts';
import { createSplitter } from '../../../framing/create-splitter.ts';
import { anthropicMessagesSurface } from '../../../surfaces/anthropic-messages/anthropic-messages-surface.ts';
import { openAiChatSurface } from '../../../surfaces/openai-chat/openai-chat-surface.ts';
import { openAiResponsesSurface } from '../../../surfaces/openai-responses/openai-responses-surface.ts';
import { readRequest } from '../../../surfaces/openai-responses/read-request.ts';
import { readAnswer } from './read-answer.ts';
import { ResponseEventReader } from './response-event-reader.ts';

type Json = Record<string, unknown>;

const frame = (value: unknown, event?: string) => ({
  event,
  exception: false,
  data: Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)),
});

function read(...values: unknown[]): ChatEvent[] {
  const reader = new ResponseEventReader();
  return [...values.flatMap((value) => reader.read(frame(value))), ...reader.end()];
}

const created = {
  type: 'response.created',
  response: { id: 'resp_1', created_at: 5, model: 'gpt-x', service_tier: 'auto', output: [], usage: null },
};
const usage = { input_tokens: 3, output_tokens: 2, total_tokens: 5 };
const ended = (more: object = {}, type = 'response.completed') => ({
  type,
  response: { ...created.response, status: 'completed', service_tier: 'default', usage, ...more },
});
const added = (index: number, item: object) => ({
  type: 'response.output_item.added',
  output_index: index,
  item,
});
const done = (index: number, item: object) => ({
  type: 'response.output_item.done',
  output_index: index,
  item,
});
const delta = (type: string, index: number, text: string, more: object = {}) => ({
  type: `response.${type}.delta`,
  output_index: index,
  delta: text,
  obfuscation: 'x',
  ...more,
});
const annotation = {
  type: 'url_citation',
  url: 'https://a.test/ü',
  title: 'A',
  start_index: 0,
  end_index: 3,
};

/** A whole answer, and the stream that tells of it as OpenAI's servers do. */
const OUTPUT: Json[] = [
  {
    id: 'rs_1',
    type: 'reasoning',
    summary: [
      { type: 'summary_text', text: 'Eins, ' },
      { type: 'summary_text', text: 'zwei 🐟.' },
    ],
    encrypted_content: 'gAAAA',
  },
  { id: 'ws_1', type: 'web_search_call', status: 'completed', action: { type: 'search', query: 'q' } },
  {
    id: 'msg_1',
    type: 'message',
    status: 'completed',
    role: 'assistant',
    content: [
      { type: 'output_text', annotations: [annotation], logprobs: [], text: 'Grüße 🐟.' },
      { type: 'refusal', refusal: 'Nein.' },
    ],
  },
  {
    id: 'fc_1',
    type: 'function_call',
    status: 'completed',
    call_id: 'c1',
    name: 'a',
    arguments: '{"a":"ü"}',
  },
  { id: 'fc_2', type: 'function_call', status: 'completed', call_id: 'c2', name: 'b', arguments: '{}' },
  { id: 'ctc_1', type: 'custom_tool_call', status: 'completed', call_id: 'c3', name: 'p', input: '*** ü' },
];
const STREAM: unknown[] = [
  created,
  { type: 'response.in_progress', response: created.response },
  added(0, { ...OUTPUT[0], summary: [], encrypted_content: 'gA' }),
  { type: 'response.reasoning_summary_part.added', output_index: 0, summary_index: 0 },
  delta('reasoning_summary_text', 0, 'Eins, '),
  { type: 'response.reasoning_summary_text.done', output_index: 0, text: 'Eins, ' },
  { type: 'response.reasoning_summary_part.added', output_index: 0, summary_index: 1 },
  delta('reasoning_summary_text', 0, 'zwei '),
  delta('reasoning_summary_text', 0, '🐟.'),
  done(0, OUTPUT[0] ?? {}),
  added(1, { ...OUTPUT[1], status: 'in_progress' }),
  { type: 'response.web_search_call.searching', output_index: 1, item_id: 'ws_1' },
  done(1, OUTPUT[1] ?? {}),
  added(2, { ...OUTPUT[2], content: [] }),
  { type: 'response.content_part.added', output_index: 2, content_index: 0 },
  delta('output_text', 2, 'Grüße', { logprobs: [] }),
  { type: 'keepalive', sequence_number: 9 },
  delta('output_text', 2, ' 🐟.', { logprobs: [] }),
  { type: 'response.output_text.annotation.added', output_index: 2, annotation_index: 0, annotation },
  { type: 'response.content_part.added', output_index: 2, content_index: 1 },
  delta('refusal', 2, 'Nein.'),
  done(2, OUTPUT[2] ?? {}),
  added(3, { ...OUTPUT[3], arguments: '' }),
  delta('function_call_arguments', 3, '{"a":'),
  delta('function_call_arguments', 3, '"ü"}'),
  { type: 'response.function_call_arguments.done', output_index: 3, arguments: '{"a":"ü"}' },
  done(3, OUTPUT[3] ?? {}),
  added(4, { ...OUTPUT[4], arguments: '' }),
  done(4, OUTPUT[4] ?? {}),
  added(5, { ...OUTPUT[5], input: '' }),
  delta('custom_tool_call_input', 5, '*** ü'),
  done(5, OUTPUT[5] ?? {}),
  ended({ output: OUTPUT }),
];
const BYTES = Buffer.from(
  STREAM.map((value) => `event: ${(value as Json).type}\ndata: ${JSON.stringify(value)}\n\n`).join(''),
);

function readBytes(pieces: readonly Buffer[]): ChatEvent[] {
  const reader = new ResponseEventReader();
  const splitter = createSplitter('sse', 1_000_000);
  const frames = [...pieces.flatMap((piece) => splitter.push(piece)), ...splitter.end()];
  return [...frames.flatMap((one) => reader.read(one)), ...reader.end()];
}

describe('a stream of the Responses API', () => {
  it('reads the same at every split of its bytes', () => {
    const whole = readBytes([BYTES]);
    expect(whole).toEqual(read(...STREAM));
    expect(whole.filter(({ type }) => type === 'stop')).toHaveLength(1);
    fc.assert(
      fc.property(fc.array(fc.nat({ max: BYTES.length }), { maxLength: 12 }), (cuts) => {
        const places = [0, ...cuts.sort((a, b) => a - b), BYTES.length];
        const pieces = places.slice(1).map((end, index) => BYTES.subarray(places[index], end));
        expect(readBytes(pieces)).toEqual(whole);
      }),
      { numRuns: 60 },
    );
  });

  it('says the same as the answer in one piece', () => {
    const request = readRequest({ model: 'm', input: '' });
    const writer = openAiResponsesSurface.eventWriter(request);
    const bytes = [...read(...STREAM).map((event) => writer.write(event)), writer.end()];
    const text = Buffer.concat(bytes.filter((piece) => piece !== undefined)).toString();
    const last = JSON.parse(text.trim().split('\ndata: ').at(-1) ?? '') as { response: Json };
    const answer = readAnswer(ended({ output: OUTPUT }).response);
    const whole = openAiResponsesSurface.writeAnswer(answer, request).value;
    expect(last.response.output).toEqual(whole.output);
    expect(last.response.usage).toEqual(whole.usage);
    expect((whole.output as Json[]).map(({ type }) => type)).toEqual(OUTPUT.map(({ type }) => type));
  });

  it('is written for clients of other wires, naming what they do not get', () => {
    const request = readRequest({ model: 'm', input: '', stream: true });
    for (const [surface, named] of [
      [openAiChatSurface, ['stream']],
      [anthropicMessagesSurface, ['stream']],
    ] as const) {
      const writer = surface.eventWriter(request);
      const bytes = [...read(...STREAM).map((event) => writer.write(event)), writer.end()];
      const text = Buffer.concat(bytes.filter((piece) => piece !== undefined)).toString();
      for (const said of ['Eins, ', 'Grüße', 'Nein.', 'gAAAA', 'https://a.test/ü', 'c1', 'c2', 'c3'])
        expect(text).toContain(said);
      expect(writer.dropped).toEqual(named);
    }
  });

  it.each<[string, unknown[], object[]]>([
    [
      'the tier that served it, where the beginning says it',
      [{ ...created, response: { ...created.response, service_tier: 'flex' } }],
      [
        {
          type: 'start',
          id: 'resp_1',
          model: 'gpt-x',
          created: 5,
          extra: { fields: { service_tier: 'flex' } },
        },
      ],
    ],
    [
      'log probabilities in the form that surfaces know',
      [created, delta('output_text', 0, 'a', { logprobs: [{ token: 'a', logprob: -1 }] })],
      [
        { type: 'start' },
        { type: 'text', choice: 0, text: 'a' },
        {
          type: 'other',
          original: {
            wire: 'openai-chat',
            value: { choice: { logprobs: { content: [{ token: 'a', logprob: -1 }], refusal: null } } },
          },
        },
      ],
    ],
    [
      'what a server says in the last event of an item alone',
      [
        created,
        done(0, { type: 'reasoning', summary: [{ text: 'Hm.' }] }),
        done(1, {
          type: 'message',
          content: [{ type: 'output_text', text: 'a', annotations: [annotation] }],
        }),
        done(2, { type: 'function_call', call_id: 'c', name: 'n', arguments: { a: 1 } }),
      ],
      [
        { type: 'start' },
        { type: 'reasoning', text: 'Hm.', summary: true },
        { type: 'part_end' },
        { type: 'text', text: 'a' },
        { type: 'citation', citation: { url: 'https://a.test/ü' } },
        { type: 'part_end' },
        { type: 'tool_call', call: 0, id: 'c', name: 'n' },
        { type: 'tool_arguments', call: 0, text: '{"a":1}' },
      ],
    ],
    [
      'what a server says at the end alone',
      [ended({ output: [{ type: 'message', content: [{ type: 'output_text', text: 'a' }] }] })],
      [
        { type: 'start', id: 'resp_1' },
        { type: 'text', text: 'a' },
        { type: 'stop', stop: { reason: 'end' } },
        { type: 'usage' },
        { type: 'end' },
      ],
    ],
    [
      'nothing twice where items are completed out of their order',
      [
        created,
        added(0, { type: 'reasoning', summary: [] }),
        delta('reasoning_text', 0, 'Hm.'),
        added(1, { type: 'message', content: [] }),
        delta('output_text', 1, 'a'),
        done(1, { type: 'message', content: [{ type: 'output_text', text: 'a', annotations: [] }] }),
        done(0, { type: 'reasoning', summary: [], content: [{ type: 'reasoning_text', text: 'Hm.' }] }),
        ended({ output: [{ type: 'reasoning', id: 'another' }] }),
        '[DONE]',
      ],
      [
        { type: 'start' },
        { type: 'reasoning', text: 'Hm.' },
        { type: 'part_end' },
        { type: 'text', text: 'a' },
        { type: 'stop' },
        { type: 'usage' },
        { type: 'end' },
      ],
    ],
    [
      'two messages, and the phase of the first',
      [
        created,
        added(0, { type: 'message' }),
        delta('output_text', 0, 'a'),
        done(0, { type: 'message', phase: 'commentary', content: [{ type: 'output_text', text: 'a' }] }),
        added(1, { type: 'message' }),
        delta('output_text', 1, 'b'),
      ],
      [
        { type: 'start' },
        { type: 'text', text: 'a' },
        { type: 'other', original: { value: { message: { phase: 'commentary' } } } },
        { type: 'part_end' },
        { type: 'text', text: 'b' },
      ],
    ],
    [
      'the phase of a refusal',
      [
        created,
        delta('refusal', 0, 'No.'),
        done(0, { type: 'message', phase: 'final_answer', content: [{ type: 'refusal', refusal: 'No.' }] }),
      ],
      [
        { type: 'start' },
        { type: 'refusal', text: 'No.' },
        { type: 'other', original: { value: { message: { phase: 'final_answer' } } } },
      ],
    ],
    [
      'nothing of a message that says nothing of itself',
      [
        created,
        delta('output_text', 0, 'a'),
        done(0, { type: 'message', phase: null, content: [{ type: 'output_text', text: 'a' }] }),
      ],
      [{ type: 'start' }, { type: 'text', text: 'a' }],
    ],
    [
      'a picture',
      [created, done(0, { type: 'image_generation_call', id: 'ig_1', result: 'AA' })],
      [
        { type: 'start' },
        { type: 'media', part: { type: 'image', source: { mediaType: 'image/png', data: 'AA' } } },
      ],
    ],
    [
      'items whose ids change on the way',
      [
        created,
        added(0, { type: 'function_call', id: 'x', call_id: 'c', name: 'n', arguments: '' }),
        delta('function_call_arguments', 0, '{}', { item_id: 'y' }),
        done(0, { type: 'function_call', id: 'z', call_id: 'c', name: 'n', arguments: '{}' }),
      ],
      [{ type: 'start' }, { type: 'tool_call', id: 'c' }, { type: 'tool_arguments', text: '{}' }],
    ],
    [
      'an answer that was cut',
      [
        created,
        delta('output_text', 0, 'a'),
        ended(
          { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } },
          'response.incomplete',
        ),
        '[DONE]',
      ],
      [
        { type: 'start' },
        { type: 'text' },
        { type: 'stop', stop: { reason: 'length' } },
        { type: 'usage', usage: { counts: { input: 3, output: 2 } } },
        { type: 'end' },
      ],
    ],
    [
      'a failure, with what was used, and nothing after it',
      [
        created,
        ended(
          { status: 'failed', error: { code: 'rate_limit_exceeded', message: 'Slow.' } },
          'response.failed',
        ),
        ended(),
      ],
      [
        { type: 'start' },
        { type: 'usage' },
        { type: 'error', error: { kind: 'rate_limited', message: 'Slow.', code: 'rate_limit_exceeded' } },
      ],
    ],
    [
      'an error with its members beside its type',
      [{ type: 'error', code: 'context_length_exceeded', message: 'Too long.', param: null }],
      [{ type: 'error', error: { kind: 'context_too_long' } }],
    ],
    [
      'an error with its members inside, which says no code',
      [
        created,
        { type: 'error', error: { type: 'server_error', code: null, message: 'Sorry.', param: null } },
      ],
      [{ type: 'start' }, { type: 'error', error: { kind: 'provider_error', message: 'Sorry.' } }],
    ],
    [
      'an error in the words of the chat API',
      [{ error: { message: 'm', code: 'insufficient_quota' } }],
      [{ type: 'error', error: { kind: 'quota_exhausted' } }],
    ],
    [
      'an error that is a sentence',
      [created, { code: 'Invalid argument', error: 'The prompt is too long: 9 > 8.' }],
      [{ type: 'start' }, { type: 'error', error: { kind: 'context_too_long' } }],
    ],
    ['nothing of a stream that is cut off', [created], [{ type: 'start' }]],
    [
      'nothing of what it does not know',
      [created, { type: 'response.brand_new.delta', delta: 'a' }, ''],
      [{ type: 'start' }],
    ],
  ])('says %s', (_what, values, events) => {
    expect(read(...values)).toMatchObject(events);
    expect(read(...values)).toHaveLength(events.length);
  });

  it('takes an error in plain words, and nothing else that is no JSON', () => {
    const reader = new ResponseEventReader();
    expect(reader.read(frame('upstream is gone', 'error'))).toMatchObject([
      { type: 'error', error: { message: 'upstream is gone' } },
    ]);
    expect(() => read('{')).toThrow(expect.objectContaining({ name: 'MalformedAnswerError' }));
    expect(() => read('7')).toThrow(expect.objectContaining({ name: 'MalformedAnswerError' }));
  });

  it('of any nonsense is read or refused, and never breaks', () => {
    const names = [
      'type',
      'item',
      'response',
      'output',
      'output_index',
      'delta',
      'content',
      'summary',
    ].concat([
      'annotations',
      'annotation',
      'logprobs',
      'error',
      'status',
      'incomplete_details',
      'call_id',
      'name',
      'arguments',
      'result',
      'usage',
      'encrypted_content',
      'text',
    ]);
    const types = STREAM.map((value) => (value as Json).type);
    const items = ['message', 'reasoning', 'function_call', 'custom_tool_call', 'image_generation_call', 'x'];
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 5 },
        fc.constantFrom<unknown>(null, 0, -1, '', 'output_text', 'refusal', true, ...types, ...items),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom(...names), tie('value'), { maxKeys: 6 }),
      ),
    }));
    const survives = (run: () => unknown) => {
      try {
        run();
      } catch (error) {
        expect(error).toMatchObject({ name: 'MalformedAnswerError' });
      }
    };
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            type: fc.constantFrom(...types),
            item: value,
            response: value,
            delta: value,
            annotation: value,
          }),
        ),
        value,
        (events, answer) => {
          survives(() => read(...events));
          survives(() => readAnswer(answer));
          survives(() => readAnswer({ ...created.response, status: 'completed', output: answer }));
        },
      ),
      { numRuns: 300 },
    );
  });
});
