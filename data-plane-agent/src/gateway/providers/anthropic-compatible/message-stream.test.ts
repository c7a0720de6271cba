import { describe, expect, it } from 'vitest';
import type { ChatEvent } from '../../chat/chat-event.ts';
import { MessageEventReader } from './message-event-reader.ts';
import { MessagePassMeter } from './message-pass-meter.ts';
import { readAnswer } from './read-answer.ts';

const WIRE = 'anthropic-messages';
const usage = { input_tokens: 20, output_tokens: 1 };
const start = (more: object = {}) => ({
  type: 'message_start',
  message: {
    id: 'msg_a',
    type: 'message',
    role: 'assistant',
    model: 'claude-x',
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage,
    ...more,
  },
});
const block = (index: number, content_block: object) => ({
  type: 'content_block_start',
  index,
  content_block,
});
const delta = (index: number, piece: object) => ({ type: 'content_block_delta', index, delta: piece });
const stop = (index: number) => ({ type: 'content_block_stop', index });
const end = (stop_reason: string, more: object = {}, moreOfEvent: object = {}) => ({
  type: 'message_delta',
  delta: { stop_reason, stop_sequence: null, ...more },
  usage: { output_tokens: 9 },
  ...moreOfEvent,
});
const over = { type: 'message_stop' };
const frameOf = (event: object) => ({
  event: (event as { type: string }).type,
  exception: false,
  data: Buffer.from(JSON.stringify(event)),
});

function read(...events: object[]): ChatEvent[] {
  const reader = new MessageEventReader();
  return [...events.flatMap((event) => reader.read(frameOf(event))), ...reader.end()];
}
/** Without what begins and counts. */
const said = (events: readonly ChatEvent[]) =>
  events.filter(({ type }) => type !== 'start' && type !== 'usage' && type !== 'end');
const stopped = (reason: string, value: string) => ({
  type: 'stop',
  choice: 0,
  stop: { reason, original: { wire: WIRE, value } },
});

describe('a streamed message', () => {
  it.each<[string, object[], unknown[]]>([
    [
      'thinking that is not shown, a call in pieces of which the first is empty',
      [
        start(),
        block(0, { type: 'thinking', thinking: '', signature: '' }),
        delta(0, { type: 'signature_delta', signature: 'sig' }),
        stop(0),
        block(1, { type: 'tool_use', id: 'toolu_1', name: 'go', input: {}, caller: { type: 'direct' } }),
        { type: 'ping' },
        delta(1, { type: 'input_json_delta', partial_json: '' }),
        delta(1, { type: 'input_json_delta', partial_json: '{"a": "\\' }),
        delta(1, { type: 'input_json_delta', partial_json: '""}' }),
        stop(1),
        end('tool_use'),
        over,
      ],
      [
        { type: 'reasoning_state', choice: 0, signature: { value: 'sig' } },
        { type: 'tool_call', choice: 0, call: 0, id: 'toolu_1', name: 'go' },
        { type: 'tool_arguments', choice: 0, call: 0, text: '{"a": "\\' },
        { type: 'tool_arguments', choice: 0, call: 0, text: '""}' },
        stopped('tool_calls', 'tool_use'),
      ],
    ],
    [
      "a call by the model's own code",
      [
        start(),
        block(0, {
          type: 'tool_use',
          id: 'toolu_1',
          name: 'roll',
          input: { sides: 6 },
          caller: { type: 'code_execution_20250825', tool_id: 'srvtoolu_1' },
        }),
        stop(0),
        end('tool_use'),
        over,
      ],
      [
        { type: 'tool_call', choice: 0, call: 0, id: 'toolu_1', name: 'roll' },
        { type: 'tool_arguments', choice: 0, call: 0, text: '{"sides":6}' },
        {
          type: 'other',
          original: {
            wire: WIRE,
            value: { caller: { type: 'code_execution_20250825', tool_id: 'srvtoolu_1' } },
          },
        },
        stopped('tool_calls', 'tool_use'),
      ],
    ],
    [
      'content that was there from the start, and no more than that',
      [
        start({
          content: [
            { type: 'code_execution_tool_result', tool_use_id: 'srvtoolu_1', content: { stdout: '1' } },
            { type: 'tool_use', id: 'toolu_2', name: 'look', input: { id: 'c' }, caller: { type: 'direct' } },
          ],
          stop_reason: 'tool_use',
        }),
        over,
      ],
      [
        {
          type: 'other',
          original: {
            wire: WIRE,
            value: {
              block: {
                type: 'code_execution_tool_result',
                tool_use_id: 'srvtoolu_1',
                content: { stdout: '1' },
              },
            },
          },
        },
        { type: 'tool_call', choice: 0, call: 0, id: 'toolu_2', name: 'look' },
        { type: 'tool_arguments', choice: 0, call: 0, text: '{"id":"c"}' },
        stopped('tool_calls', 'tool_use'),
      ],
    ],
    [
      'a refusal that gives its reasons',
      [
        start(),
        end(
          'refusal',
          { stop_details: { type: 'refusal', category: 'cyber' }, container: null },
          { context_management: { applied_edits: [] } },
        ),
        over,
      ],
      [
        {
          type: 'other',
          original: {
            wire: WIRE,
            value: {
              message_delta: {
                context_management: { applied_edits: [] },
                delta: { stop_details: { type: 'refusal', category: 'cyber' } },
              },
            },
          },
        },
        stopped('refusal', 'refusal'),
      ],
    ],
    [
      'a refusal in words',
      [
        start(),
        block(0, { type: 'text', text: '' }),
        delta(0, { type: 'text_delta', text: 'First' }),
        stop(0),
        end('refusal', { stop_details: { type: 'refusal', category: null, explanation: 'Not this.' } }),
        over,
      ],
      [
        { type: 'text', choice: 0, text: 'First' },
        { type: 'part_end', choice: 0 },
        {
          type: 'other',
          original: {
            wire: WIRE,
            value: {
              message_delta: {
                delta: { stop_details: { type: 'refusal', category: null, explanation: 'Not this.' } },
              },
            },
          },
        },
        { type: 'refusal', choice: 0, text: 'Not this.' },
        stopped('refusal', 'refusal'),
      ],
    ],
    [
      'a summary in pieces, with its proof',
      [
        start(),
        block(0, { type: 'compaction', content: null, encrypted_content: null }),
        delta(0, { type: 'compaction_delta', content: 'So ', encrypted_content: null }),
        delta(0, { type: 'compaction_delta', content: 'far.', encrypted_content: 'xx' }),
        delta(0, { type: 'signature_delta', signature: 'sig' }),
        stop(0),
        block(1, { type: 'text', text: '' }),
        delta(1, { type: 'odd_delta', odd: 1 }),
        stop(1),
        end('end_turn'),
        over,
      ],
      [
        {
          type: 'other',
          original: {
            wire: WIRE,
            value: {
              block: { type: 'compaction', content: 'So far.', encrypted_content: 'xx', signature: 'sig' },
            },
          },
        },
        { type: 'other', original: { wire: WIRE, value: { delta: { type: 'odd_delta', odd: 1 } } } },
        { type: 'part_end', choice: 0 },
        stopped('end', 'end_turn'),
      ],
    ],
    ['a pause after a summary', [start(), end('compaction'), over], [stopped('pause', 'compaction')]],
    [
      'redacted thoughts between thoughts',
      [
        start(),
        block(0, { type: 'thinking', thinking: '', signature: '' }),
        delta(0, { type: 'thinking_delta', thinking: 'hm', estimated_tokens: null }),
        delta(0, { type: 'signature_delta', signature: 's1' }),
        stop(0),
        block(1, { type: 'redacted_thinking', data: 'xx' }),
        stop(1),
        block(2, { type: 'text', text: '' }),
        delta(2, { type: 'text_delta', text: 'Hi' }),
        stop(2),
        end('end_turn'),
        over,
      ],
      [
        { type: 'reasoning', choice: 0, text: 'hm' },
        { type: 'reasoning_state', choice: 0, signature: { value: 's1' } },
        { type: 'reasoning_state', choice: 0, encrypted: { value: 'xx' } },
        { type: 'text', choice: 0, text: 'Hi' },
        { type: 'part_end', choice: 0 },
        stopped('end', 'end_turn'),
      ],
    ],
  ])('%s', (_name, events, expected) => {
    expect(said(read(...events))).toEqual(expected);
    expect(read(...events).at(-1)).toEqual({ type: 'end' });
  });

  it('begins once, though it is said twice', () => {
    const events = read(
      start(),
      start({ usage: { input_tokens: 30, output_tokens: 1 } }),
      end('end_turn'),
      over,
    );
    expect(events.filter(({ type }) => type === 'start')).toHaveLength(1);
    expect(events.find(({ type }) => type === 'usage')).toMatchObject({
      usage: { counts: { input: 30, output: 9 } },
    });
  });
});

it('a whole answer ends with the words of its refusal', () => {
  const stop_details = { type: 'refusal', category: 'bio', explanation: 'Not this.' };
  const answer = { content: [{ type: 'text', text: 'First' }], stop_reason: 'refusal', stop_details };
  expect(readAnswer(answer).choices[0]?.content).toMatchObject([
    { type: 'text', text: 'First' },
    { type: 'refusal', text: 'Not this.' },
  ]);
});

describe('a message that is passed on', () => {
  it.each([
    ['opening', start()],
    ['data', start({ content: [{ type: 'text', text: 'hi' }] })],
    ['end', over],
    ['data', end('end_turn')],
    ['keep-alive', { type: 'ping' }],
    ['error', { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }],
  ])('%s', (sight, event) => {
    expect(new MessagePassMeter().frame(frameOf(event))).toBe(sight);
  });
});

describe('what a summary costs', () => {
  const iterations = [
    {
      type: 'compaction',
      input_tokens: 60_000,
      output_tokens: 500,
      cache_read_input_tokens: 7,
      cache_creation_input_tokens: 5,
      cache_creation: { ephemeral_5m_input_tokens: 2, ephemeral_1h_input_tokens: 3 },
    },
    { type: 'advisor_message', model: 'claude-y', input_tokens: 900, output_tokens: 80 },
    { type: 'message', input_tokens: 20, output_tokens: 9 },
  ];
  const counts = {
    input: 60_020,
    cache_read: 7,
    cache_write: 2,
    cache_write_1h: 3,
    output: 509,
  };

  it('is counted in a whole answer', () => {
    const answer = readAnswer({ content: [], usage: { input_tokens: 20, output_tokens: 9, iterations } });
    expect(answer.usage?.counts).toEqual(counts);
  });

  it('is counted in a stream, translated and passed on', () => {
    const events = [start(), end('end_turn', {}, { usage: { output_tokens: 9, iterations } }), over];
    expect(read(...events).find(({ type }) => type === 'usage')).toMatchObject({ usage: { counts } });
    const meter = new MessagePassMeter();
    for (const event of events) meter.frame(frameOf(event));
    expect(meter.figures).toEqual(counts);
  });
});

describe('the caller of a tool, in a whole answer', () => {
  it.each([
    [{ type: 'direct' }, undefined],
    [undefined, undefined],
    [
      { type: 'code_execution_20260120', tool_id: 's' },
      { wire: WIRE, fields: { caller: { type: 'code_execution_20260120', tool_id: 's' } } },
    ],
  ])('%j', (caller, extra) => {
    const answer = readAnswer({ content: [{ type: 'tool_use', id: 't', name: 'n', input: {}, caller }] });
    expect(answer.choices[0]?.content[0]).toMatchObject({ type: 'tool_call', extra });
  });
});

it('what is written to a cache after the stream began is divided as its samplings say', () => {
  const written = (hour: number) => ({
    cache_creation_input_tokens: hour,
    cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: hour },
  });
  const iterations = [300, 40].map((hour) => ({ type: 'message', input_tokens: 1, ...written(hour) }));
  const events = [
    start({ usage: { input_tokens: 1, output_tokens: 1, ...written(300) } }),
    end('end_turn', {}, { usage: { output_tokens: 9, cache_creation_input_tokens: 340, iterations } }),
    over,
  ];
  expect(read(...events).find(({ type }) => type === 'usage')).toMatchObject({
    usage: { counts: { input: 1, cache_write_1h: 340, output: 9 } },
  });
});
