import { describe, expect, it } from 'vitest';
import { MalformedAnswerError } from '../../malformed-answer-error.ts';
import { chatRequest } from '../fixtures/chat-request.ts';
import { readAnswer } from './read-answer.ts';
import { wireToolName } from './tool-names.ts';

const WIRE = 'bedrock-converse';

function answer(content: unknown, stopReason: unknown = 'end_turn', more: object = {}) {
  return {
    output: { message: { role: 'assistant', content } },
    stopReason,
    metrics: { latencyMs: 9 },
    ...more,
  };
}

function choice(value: unknown, request = chatRequest({})) {
  const [only] = readAnswer(value, request).choices;
  return only;
}

describe('content', () => {
  it.each<[string, unknown[], unknown[]]>([
    [
      'text',
      [{ text: 'a' }, { text: 'b' }],
      [
        { type: 'text', text: 'a' },
        { type: 'text', text: 'b' },
      ],
    ],
    [
      'reasoning beside calls',
      [
        { reasoningContent: { reasoningText: { text: 'hm', signature: 'sig' } } },
        { reasoningContent: { redactedContent: 'b3A=' } },
        { toolUse: { toolUseId: 't1', name: 'one', input: { a: [1] } } },
        { toolUse: { toolUseId: 't2', name: 'two' } },
      ],
      [
        { type: 'reasoning', text: 'hm', signature: { value: 'sig' } },
        { type: 'reasoning', text: '', encrypted: { value: 'b3A=' } },
        { type: 'tool_call', id: 't1', name: 'one', arguments: '{"a":[1]}' },
        { type: 'tool_call', id: 't2', name: 'two', arguments: '{}' },
      ],
    ],
    [
      'citations',
      [
        {
          citationsContent: {
            content: [{ text: 'It ' }, { text: 'is.' }],
            citations: [
              { title: 'doc', sourceContent: [{ text: 'quote' }], location: { documentPage: { start: 1 } } },
              { location: { web: { url: 'https://x' } } },
            ],
          },
        },
      ],
      [
        {
          type: 'text',
          text: 'It is.',
          citations: [
            {
              title: 'doc',
              quote: 'quote',
              original: {
                wire: WIRE,
                value: {
                  title: 'doc',
                  sourceContent: [{ text: 'quote' }],
                  location: { documentPage: { start: 1 } },
                },
              },
            },
            {
              url: 'https://x',
              original: { wire: WIRE, value: { location: { web: { url: 'https://x' } } } },
            },
          ],
        },
      ],
    ],
    [
      'media and what is not known',
      [{ image: { format: 'png', source: { bytes: 'AA' } } }, { newBlock: 1 }],
      [
        { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'AA' } },
        { type: 'other', original: { wire: WIRE, value: { newBlock: 1 } } },
      ],
    ],
  ])('reads %s', (_name, blocks, expected) => {
    expect(choice(answer(blocks))?.content).toEqual(expected);
  });

  it("gives tools the client's own names back", () => {
    const request = chatRequest({
      tools: [
        { type: 'function', name: 'list', namespace: 'files' },
        { type: 'function', name: 'get.weather' },
        { type: 'function', name: 'plain' },
      ],
    });
    const blocks = [
      { toolUse: { toolUseId: 'a', name: 'files__list', input: {} } },
      { toolUse: { toolUseId: 'b', name: wireToolName('get.weather'), input: {} } },
      { toolUse: { toolUseId: 'c', name: 'plain', input: {} } },
    ];
    expect(choice(answer(blocks, 'tool_use'), request)?.content).toEqual([
      { type: 'tool_call', id: 'a', name: 'list', namespace: 'files', arguments: '{}' },
      { type: 'tool_call', id: 'b', name: 'get.weather', arguments: '{}' },
      { type: 'tool_call', id: 'c', name: 'plain', arguments: '{}' },
    ]);
  });
});

it('takes the marks of its format from the name of a tool', () => {
  const blocks = [{ toolUse: { toolUseId: 'a', name: 'json<|channel|>commentary', input: {} } }];
  expect(choice(answer(blocks, 'tool_use'))?.content).toMatchObject([{ name: 'json' }]);
});

describe('the end', () => {
  it.each([
    ['end_turn', 'end'],
    ['tool_use', 'tool_calls'],
    ['max_tokens', 'length'],
    ['stop_sequence', 'stop_sequence'],
    ['guardrail_intervened', 'content_filter'],
    ['content_filtered', 'content_filter'],
    ['malformed_model_output', 'failed'],
    ['malformed_tool_use', 'failed'],
    ['model_context_window_exceeded', 'context_full'],
    ['refusal', 'refusal'],
    ['compaction', 'pause'],
    ['something_new', 'other'],
  ])('reads %s as %s', (value, reason) => {
    expect(choice(answer([{ text: 'a' }], value))?.stop).toEqual({ reason, original: { wire: WIRE, value } });
  });

  it('is a call where the answer holds one, whatever the model says', () => {
    const blocks = [{ toolUse: { toolUseId: 'a', name: 'n', input: {} } }];
    expect(choice(answer(blocks, 'end_turn'))?.stop?.reason).toBe('tool_calls');
    expect(choice(answer(blocks, 'max_tokens'))?.stop?.reason).toBe('length');
  });

  it('says which sequence it was', () => {
    const value = answer([], 'stop_sequence', { additionalModelResponseFields: { stop_sequence: 'END' } });
    expect(choice(value)?.stop).toMatchObject({ reason: 'stop_sequence', sequence: 'END' });
    expect(readAnswer(value, undefined).extra).toBeUndefined();
  });

  it.each([
    answer([], 'guardrail_intervened'),
    { output: { message: { role: 'assistant' } }, stopReason: 'guardrail_intervened' },
    { output: null, stopReason: 'content_filtered' },
  ])('may leave nothing: %j', (value) => {
    expect(choice(value)).toMatchObject({ content: [], stop: { reason: 'content_filter' } });
  });
});

it('reads usage, and keeps what it has no words for', () => {
  const usage = { inputTokens: 1, outputTokens: 2, totalTokens: 3 };
  const read = readAnswer(answer([], 'end_turn', { usage, trace: { guardrail: {} } }), undefined);
  expect(read.usage).toEqual({ counts: { input: 1, output: 2 }, original: { wire: WIRE, value: usage } });
  expect(read.extra).toEqual({ wire: WIRE, fields: { trace: { guardrail: {} } } });
});

it.each([null, [], {}, { output: {} }, answer('x'), answer([null]), answer([{ toolUse: {} }])])(
  'refuses %j',
  (value) => {
    expect(() => readAnswer(value, undefined)).toThrow(MalformedAnswerError);
  },
);
