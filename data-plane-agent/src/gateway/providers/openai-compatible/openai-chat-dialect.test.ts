import { providerPreset } from '@bonito/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChatEvent } from '../../chat/chat-event.ts';
import type { JsonObject } from '../../chat/wire.ts';
import { createSplitter } from '../../framing/create-splitter.ts';
import type { CompiledTarget } from '../../snapshot/snapshot.ts';
import { MalformedAnswerError } from '../malformed-answer-error.ts';
import { openAiChatDialect } from './openai-chat-dialect.ts';

const address = () => ({ path: '/chat/completions' });
const dialect = openAiChatDialect({ preset: providerPreset('generic'), address });
const mistral = openAiChatDialect({ preset: providerPreset('mistral'), address });
const closing = openAiChatDialect({ preset: { ...providerPreset('generic'), sendsDone: false }, address });

function target(streamOptions?: boolean): CompiledTarget {
  return {
    deployment: {
      id: 'd',
      name: 'model',
      provider_id: 'p',
      upstream_model: 'up',
      family: 'gpt',
      price: { revision: '1', per_million: {} },
      restrictions: [],
    },
    provider: {
      config: {
        id: 'p',
        name: 'p',
        kind: 'openai-compatible',
        base_url: 'https://x',
        credential: { from: 'none' },
        ...(streamOptions !== undefined && { stream_options: streamOptions }),
        restrictions: [],
      },
      origin: 'https://x',
      basePath: '',
      unusable: undefined,
    },
    unusable: undefined,
  };
}

const STREAM = Buffer.from(
  [
    ': OPENROUTER PROCESSING',
    'data: {"id":"i","model":"m","created":1,"choices":[],"prompt_filter_results":[]}',
    'data: {"id":"i","choices":[{"index":0,"delta":{"role":"assistant","reasoning":"höm"}}]}',
    'data: {"id":"i","choices":[{"index":0,"delta":{"content":"€uro 🐟"}}]}',
    'data: {"id":"i","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"c","function":{"name":"f","arguments":"{\\"ä\\":"}}]}}]}',
    'data: {"id":"i","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"1}"}}]}}]}',
    'data: {"id":"i","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}',
    'data: {"id":"i","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4}}',
    'data: [DONE]',
    '',
  ].join('\n\n'),
);

function read(pieces: readonly Buffer[], from = dialect): ChatEvent[] {
  const splitter = createSplitter('sse', 1_000_000);
  const reader = from.eventReader();
  const events = pieces.flatMap((piece) => splitter.push(piece)).flatMap((frame) => reader.read(frame));
  return [...events, ...splitter.end().flatMap((frame) => reader.read(frame)), ...reader.end()];
}

/** What a server says that leaves nothing out. */
const EMPTY = {
  role: 'assistant',
  annotations: null,
  audio: { data: '', expires_at: 0, id: '', transcript: '' },
  function_call: { arguments: '', name: '' },
  refusal: '',
  tool_calls: null,
};

describe('openAiChatDialect', () => {
  it('reads a stream the same however its bytes are split', () => {
    const whole = read([STREAM]);
    expect(whole.map(({ type }) => type)).toEqual([
      'start',
      'reasoning',
      'text',
      'tool_call',
      'tool_arguments',
      'tool_arguments',
      'stop',
      'usage',
      'end',
    ]);
    const cuts = fc.uniqueArray(fc.integer({ min: 1, max: STREAM.length - 1 }), { maxLength: 8 });
    fc.assert(
      fc.property(cuts, (places) => {
        const edges = [0, ...places.sort((one, other) => one - other), STREAM.length];
        const pieces = edges.slice(1).map((end, index) => STREAM.subarray(edges[index], end));
        expect(read(pieces)).toEqual(whole);
      }),
    );
  });

  it('takes a stop for the end only where the server sends no end', () => {
    const stopped = [
      Buffer.from('data: {"id":"i","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n'),
    ];
    expect(read(stopped).at(-1)?.type).toBe('stop');
    expect(read(stopped, closing).at(-1)?.type).toBe('end');
    expect(read([Buffer.from('data: {"id":"i","choices":[]}\n\n')], closing).at(-1)?.type).toBe('start');
  });

  it('reads an error by the name of its event, and refuses what it cannot read', () => {
    expect(read([Buffer.from('event: error\ndata: {"message":"m"}\n\n')])).toMatchObject([
      { type: 'error', error: { message: 'm' } },
    ]);
    expect(() => read([Buffer.from('data: {"id"\n\n')])).toThrow(MalformedAnswerError);
  });

  it.each<[string, JsonObject, boolean, JsonObject, string[]]>([
    ['nothing to change', { model: 'up' }, false, {}, []],
    ['the name', { model: 'model' }, false, { model: 'up' }, []],
    ['usage', { model: 'up' }, true, { stream_options: { include_usage: true } }, []],
    ['asked already', { model: 'up', stream_options: { include_usage: true } }, true, {}, []],
    [
      'other options',
      { model: 'up', stream_options: { include_obfuscation: false } },
      true,
      { stream_options: { include_obfuscation: false, include_usage: true } },
      [],
    ],
  ])('passes on: %s', (_name, body, stream, edits, dropped) => {
    expect(dialect.pass({ body, stream, header: () => undefined }, target())).toEqual({ edits, dropped });
  });

  it('does not ask for usage where that is refused', () => {
    const input = { body: { model: 'up', stream_options: {} }, stream: true, header: () => undefined };
    expect(dialect.pass(input, target(false))).toEqual({ edits: {}, dropped: [] });
    const { edits, dropped } = mistral.pass(input, target());
    expect('stream_options' in edits && edits.stream_options === undefined).toBe(true);
    expect(dropped).toEqual(['stream_options']);
  });

  it.each([
    [
      'a filter that took all',
      { choices: [{ index: 0, finish_reason: 'content_filter' }] },
      'content_filter',
      0,
    ],
    [
      'a stop with calls',
      {
        choices: [
          { message: { tool_calls: [{ function: { name: 'f', arguments: {} } }] }, finish_reason: 'stop' },
        ],
      },
      'tool_calls',
      1,
    ],
    [
      'thinking in a list',
      {
        choices: [
          {
            message: {
              content: [
                { type: 'thinking', thinking: [{ type: 'text', text: 'r' }] },
                { type: 'text', text: 't' },
              ],
            },
            finish_reason: 'stop',
          },
        ],
      },
      'end',
      2,
    ],
    [
      'OpenRouter: none, since the provider behind it could not read its own',
      {
        choices: [
          {
            message: { content: '' },
            finish_reason: 'error',
            native_finish_reason: 'MALFORMED_FUNCTION_CALL',
          },
        ],
      },
      'failed',
      1,
    ],
    [
      'Snowflake: an empty member of each kind',
      { choices: [{ message: { ...EMPTY, content: 'a' }, finish_reason: '' }] },
      'end',
      1,
    ],
  ])('reads a whole answer: %s', (_name, body, reason, parts) => {
    const [choice] = dialect.readAnswer(body).choices;
    expect(choice?.stop?.reason).toBe(reason);
    expect(choice?.content).toHaveLength(parts);
  });

  it('reads a call of a function that has an empty custom one beside it', () => {
    const call = {
      id: 'c',
      type: 'function',
      function: { name: 'f', arguments: '{}' },
      custom: { name: '', input: '' },
    };
    const message = { ...EMPTY, content: '', tool_calls: [call] };
    const [choice] = dialect.readAnswer({ choices: [{ message, finish_reason: '' }] }).choices;
    const read = expect.objectContaining({ type: 'tool_call', id: 'c', name: 'f', arguments: '{}' });
    expect(choice?.content).toEqual([{ type: 'text', text: '' }, read]);
    expect(choice?.content[1]).not.toHaveProperty('custom');
    expect(choice?.stop?.reason).toBe('tool_calls');
    const chunk = {
      id: 'i',
      choices: [{ index: 0, delta: { ...EMPTY, tool_calls: [{ ...call, index: 0 }] } }],
    };
    const events = dialect.eventReader().read({
      event: undefined,
      exception: false,
      data: Buffer.from(JSON.stringify(chunk)),
    });
    expect(events.filter(({ type }) => type === 'tool_call')).toMatchObject([{ id: 'c', name: 'f' }]);
  });
});
