import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChatEvent } from '../../../chat/chat-event.ts';
import { AwsEventSplitter } from '../../../framing/aws-event-splitter.ts';
import { writeAwsEvent } from '../../../framing/write-aws-event.ts';
import { MalformedAnswerError } from '../../malformed-answer-error.ts';
import { chatRequest } from '../fixtures/chat-request.ts';
import { converseDialect } from './converse-dialect.ts';

const WIRE = 'bedrock-converse';
type Sent = [event: string, payload: unknown];

function frame([event, payload]: Sent): Buffer {
  const exception = /exception$/i.test(event);
  return writeAwsEvent(
    {
      [exception ? ':exception-type' : ':event-type']: event,
      ':content-type': 'application/json',
      ':message-type': exception ? 'exception' : 'event',
    },
    Buffer.from(JSON.stringify(payload)),
  );
}

function read(chunks: readonly Buffer[], request = chatRequest({})): ChatEvent[] {
  const splitter = new AwsEventSplitter();
  const reader = converseDialect.eventReader(request);
  const frames = chunks.flatMap((chunk) => splitter.push(chunk));
  return [...frames, ...splitter.end()].flatMap((each) => reader.read(each)).concat(reader.end());
}

const start = (index: number, block?: object): Sent => [
  'contentBlockStart',
  { contentBlockIndex: index, start: block ?? {} },
];
const delta = (index: number, piece: object): Sent => [
  'contentBlockDelta',
  { contentBlockIndex: index, delta: piece, p: 'abcdef' },
];
const stop = (index: number): Sent => ['contentBlockStop', { contentBlockIndex: index, p: 'ab' }];
const opened: Sent = ['messageStart', { role: 'assistant', p: 'abc' }];
const closed = (stopReason: string): Sent => ['messageStop', { stopReason, p: 'a' }];
const usage = { inputTokens: 5, outputTokens: 7, totalTokens: 112, cacheReadInputTokens: 100 };
const metadata: Sent = ['metadata', { usage, metrics: { latencyMs: 5 }, p: 'abcd' }];

const started = { type: 'start', id: '', model: '', created: 0 };
const counted = {
  type: 'usage',
  usage: { counts: { input: 5, output: 7, cache_read: 100 }, original: { wire: WIRE, value: usage } },
};
const stopped = (reason: string, value: string) => ({
  type: 'stop',
  choice: 0,
  stop: { reason, original: { wire: WIRE, value } },
});
const text = (type: string, words: string) => ({ type, choice: 0, text: words });

const thinking: Sent[] = [
  opened,
  delta(0, { reasoningContent: { text: 'h' } }),
  delta(0, { reasoningContent: { text: 'm' } }),
  delta(0, { reasoningContent: { signature: 'si' } }),
  delta(0, { reasoningContent: { signature: 'g' } }),
  stop(0),
  delta(1, { reasoningContent: { redactedContent: 'b3A=' } }),
  stop(1),
  delta(2, { text: 'Grüße 🐟' }),
  stop(2),
  start(3, { toolUse: { toolUseId: 't1', name: 'one' } }),
  delta(3, { toolUse: { input: '' } }),
  delta(3, { toolUse: { input: '{"a"' } }),
  delta(3, { toolUse: { input: ':1}' } }),
  stop(3),
  start(4, { toolUse: { toolUseId: 't2', name: 'two' } }),
  stop(4),
  closed('tool_use'),
  metadata,
];
const thought = [
  started,
  text('reasoning', 'h'),
  text('reasoning', 'm'),
  { type: 'reasoning_state', choice: 0, signature: { value: 'sig' } },
  { type: 'reasoning_state', choice: 0, encrypted: { value: 'b3A=' } },
  text('text', 'Grüße 🐟'),
  { type: 'tool_call', choice: 0, call: 0, id: 't1', name: 'one' },
  { type: 'tool_arguments', choice: 0, call: 0, text: '{"a"' },
  { type: 'tool_arguments', choice: 0, call: 0, text: ':1}' },
  { type: 'tool_call', choice: 0, call: 1, id: 't2', name: 'two' },
  { type: 'tool_arguments', choice: 0, call: 1, text: '{}' },
  stopped('tool_calls', 'tool_use'),
  counted,
  { type: 'end' },
];

describe('a stream', () => {
  it.each<[string, Sent[], unknown[]]>([
    ['with reasoning, text and calls', thinking, thought],
    [
      'with a block for every word, as Nova has it: they are one text',
      [
        opened,
        delta(0, { text: 'It' }),
        stop(0),
        delta(1, { text: ' sounds' }),
        stop(1),
        delta(2, { text: ' good' }),
        stop(2),
        closed('end_turn'),
        metadata,
      ],
      [
        started,
        text('text', 'It'),
        text('text', ' sounds'),
        text('text', ' good'),
        stopped('end', 'end_turn'),
        counted,
        { type: 'end' },
      ],
    ],
    [
      'with a source in front of the words that it belongs to',
      [
        opened,
        delta(0, { text: 'It says: ' }),
        stop(0),
        delta(1, { citation: { title: 'Report', location: { documentPage: { documentIndex: 0 } } } }),
        delta(1, { text: 'so' }),
        stop(1),
        delta(2, { text: '.' }),
        stop(2),
        [
          'messageStop',
          { stopReason: 'end_turn', additionalModelResponseFields: { delta: { stop_sequence: null } } },
        ],
        metadata,
      ],
      [
        started,
        text('text', 'It says: '),
        { type: 'part_end', choice: 0 },
        {
          type: 'citation',
          choice: 0,
          citation: {
            title: 'Report',
            original: {
              wire: WIRE,
              value: { title: 'Report', location: { documentPage: { documentIndex: 0 } } },
            },
          },
        },
        text('text', 'so'),
        { type: 'part_end', choice: 0 },
        text('text', '.'),
        stopped('end', 'end_turn'),
        counted,
        { type: 'end' },
      ],
    ],
    [
      'that a sequence stopped',
      [
        opened,
        delta(0, { text: 'a' }),
        [
          'messageStop',
          { stopReason: 'stop_sequence', additionalModelResponseFields: { delta: { stop_sequence: 'END' } } },
        ],
        metadata,
      ],
      [
        started,
        text('text', 'a'),
        {
          type: 'stop',
          choice: 0,
          stop: {
            reason: 'stop_sequence',
            sequence: 'END',
            original: { wire: WIRE, value: 'stop_sequence' },
          },
        },
        counted,
        { type: 'end' },
      ],
    ],
    [
      'with blocks of nothing around a thought and a call, whose name has a mark of its format',
      [
        opened,
        delta(0, { text: '' }),
        stop(0),
        delta(1, { reasoningContent: { text: 'hm' } }),
        stop(1),
        delta(2, { text: '' }),
        stop(2),
        start(3, { toolUse: { toolUseId: 'functions.look:0', name: 'look<|channel|>commentary' } }),
        delta(3, { toolUse: { input: '{}' } }),
        stop(3),
        delta(4, { text: '' }),
        stop(4),
        closed('tool_use'),
        metadata,
      ],
      [
        started,
        text('reasoning', 'hm'),
        { type: 'tool_call', choice: 0, call: 0, id: 'functions.look:0', name: 'look' },
        { type: 'tool_arguments', choice: 0, call: 0, text: '{}' },
        stopped('tool_calls', 'tool_use'),
        counted,
        { type: 'end' },
      ],
    ],
    [
      'with calls, though the model says that it is at its end',
      [opened, start(0, { toolUse: { toolUseId: 't', name: 'n' } }), stop(0), closed('end_turn'), metadata],
      [
        started,
        { type: 'tool_call', choice: 0, call: 0, id: 't', name: 'n' },
        { type: 'tool_arguments', choice: 0, call: 0, text: '{}' },
        stopped('tool_calls', 'end_turn'),
        counted,
        { type: 'end' },
      ],
    ],
    [
      'that a guardrail left empty',
      [opened, closed('guardrail_intervened'), ['metadata', { usage, trace: { guardrail: { x: 1 } } }]],
      [
        started,
        stopped('content_filter', 'guardrail_intervened'),
        counted,
        { type: 'other', original: { wire: WIRE, value: { metadata: { trace: { guardrail: { x: 1 } } } } } },
        { type: 'end' },
      ],
    ],
    [
      'without figures',
      [opened, delta(0, { text: 'a' }), closed('end_turn')],
      [started, text('text', 'a'), stopped('end', 'end_turn'), { type: 'end' }],
    ],
    ['that breaks off', [opened, delta(0, { text: 'a' })], [started, text('text', 'a')]],
    [
      'with citations, an image and events that are not known',
      [
        opened,
        ['pingEvent', {}],
        delta(0, { text: 'a' }),
        delta(0, { citation: { title: 't' } }),
        stop(0),
        start(1, { image: { format: 'png' } }),
        delta(1, { image: { source: { bytes: 'AAA=' } } }),
        delta(1, { image: { source: { bytes: 'AQ==' } } }),
        stop(1),
        closed('end_turn'),
        metadata,
      ],
      [
        started,
        text('text', 'a'),
        {
          type: 'citation',
          choice: 0,
          citation: { title: 't', original: { wire: WIRE, value: { title: 't' } } },
        },
        {
          type: 'media',
          choice: 0,
          part: { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'AAAB' } },
        },
        stopped('end', 'end_turn'),
        counted,
        { type: 'end' },
      ],
    ],
    [
      'that fails in the midst of it',
      [
        opened,
        delta(0, { text: 'a' }),
        ['throttlingException', { message: 'slow down' }],
        closed('end_turn'),
      ],
      [
        started,
        text('text', 'a'),
        {
          type: 'error',
          error: { kind: 'rate_limited', message: 'slow down', code: 'throttlingException' },
          original: { wire: WIRE, value: { throttlingException: '{"message":"slow down"}' } },
        },
      ],
    ],
  ])('%s', (_name, sent, expected) => {
    expect(read(sent.map(frame))).toEqual(expected);
  });

  it('says the same for every split of its bytes', () => {
    const bytes = Buffer.concat(thinking.map(frame));
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length)), (cuts) => {
        const places = [0, ...cuts.sort((a, b) => a - b), bytes.length];
        const chunks = places.slice(1).map((end, index) => bytes.subarray(places[index], end));
        expect(read(chunks)).toEqual(thought);
      }),
    );
  });

  it.each([
    ['validationException', 'Input is too long for requested model.', 'context_too_long'],
    ['modelStreamErrorException', 'x', 'provider_error'],
    ['internalServerException', 'x', 'provider_error'],
    ['serviceUnavailableException', 'x', 'overloaded'],
    ['modelTimeoutException', 'x', 'timeout'],
  ])('types %s', (name, message, kind) => {
    expect(read([frame([name, { message }])])).toMatchObject([{ type: 'error', error: { kind, message } }]);
  });

  it("gives tools the client's own names back", () => {
    const request = chatRequest({
      tools: [{ type: 'function', name: 'list', namespace: 'files' }],
    });
    const sent = [
      start(0, { toolUse: { toolUseId: 'a', name: 'plain' } }),
      stop(0),
      start(1, { toolUse: { toolUseId: 'b', name: 'files__list' } }),
    ];
    expect(read(sent.map(frame), request)).toEqual([
      started,
      { type: 'tool_call', choice: 0, call: 0, id: 'a', name: 'plain' },
      { type: 'tool_arguments', choice: 0, call: 0, text: '{}' },
      { type: 'tool_call', choice: 0, call: 1, id: 'b', name: 'list', namespace: 'files' },
    ]);
  });

  it('refuses payloads that are none', () => {
    for (const sent of [
      ['contentBlockDelta', 3],
      ['metadata', []],
      ['contentBlockDelta', {}],
    ] as Sent[]) {
      expect(() => read([frame(sent)])).toThrow(MalformedAnswerError);
    }
  });
});

describe('a stream that is passed on', () => {
  function meter(sent: readonly Sent[]) {
    const splitter = new AwsEventSplitter();
    const counter = converseDialect.passMeter(false);
    const sights = sent.map((each) => splitter.push(frame(each)).map((one) => counter.frame(one))[0]);
    return { sights, counter };
  }

  it('is counted, and ends with its metadata', () => {
    const { sights, counter } = meter([opened, delta(0, { text: 'a' }), closed('end_turn'), metadata]);
    expect(sights).toEqual(['opening', 'data', 'data', 'end']);
    expect(counter.figures).toEqual({ input: 5, output: 7, cache_read: 100 });
  });

  it('may close after its stop, and fails by an exception', () => {
    expect(meter([opened]).counter.mayClose).toBe(false);
    expect(meter([opened, closed('end_turn')]).counter.mayClose).toBe(true);
    expect(meter([opened, ['throttlingException', {}]]).sights).toEqual(['opening', 'error']);
  });

  it('is looked at only where something matters', () => {
    const { counter } = meter([]);
    for (const sent of [opened, start(0), delta(0, { text: 'a' }), stop(0)]) {
      expect(counter.concerns(frame(sent))).toBe(false);
    }
    for (const sent of [closed('x'), metadata, ['throttlingException', {}] as Sent]) {
      expect(counter.concerns(frame(sent))).toBe(true);
    }
  });
});
