import { describe, expect, it } from 'vitest';
import type { ChatEvent } from '../../chat/chat-event.ts';
import type { JsonObject } from '../../chat/wire.ts';
import { ChunkReader } from './chunk-reader.ts';

/** One chunk with one choice. */
function chunk(choice: JsonObject, rest: JsonObject = {}): JsonObject {
  return { id: 'a-1', created: 1, model: 'm', choices: [{ index: 0, ...choice }], ...rest };
}
function delta(content: JsonObject): JsonObject {
  return chunk({ delta: content, finish_reason: null });
}
function calls(...list: JsonObject[]): JsonObject {
  return delta({ tool_calls: list });
}
function call(
  index: number | undefined,
  id: string | null | undefined,
  name?: string | null,
  args?: unknown,
) {
  return { ...(index !== undefined && { index }), id, type: 'function', function: { name, arguments: args } };
}

/** All events but the first, without what stands beside the text. */
function read(chunks: readonly unknown[]): ChatEvent[] {
  const reader = new ChunkReader();
  return chunks.flatMap((one) => reader.read(one)).filter(({ type }) => type !== 'start' && type !== 'other');
}

/** Calls as a client would hold them. */
function heldCalls(chunks: readonly JsonObject[]): string[] {
  const held: string[] = [];
  for (const event of read(chunks)) {
    if (event.type === 'tool_call') held[event.call] = `${event.id} ${event.name} `;
    if (event.type === 'tool_arguments') held[event.call] += event.text;
  }
  return held;
}

describe('what servers send', () => {
  it.each<[string, unknown[], unknown[]]>([
    [
      'Azure: a first chunk without choices',
      [{ id: '', model: '', choices: [], prompt_filter_results: [] }],
      [],
    ],
    ['choices that are null', [{ id: 'a', choices: null }], []],
    ['a choice that is null', [{ id: 'a', choices: [null] }], []],
    [
      'Azure: a filter result without a delta',
      [chunk({ finish_reason: null, content_filter_results: {} })],
      [],
    ],
    ['a delta that is null', [chunk({ delta: null, finish_reason: null })], []],
    ['content that is null', [delta({ content: null, tool_calls: null, reasoning: null })], []],
    ['reasoning_content', [delta({ reasoning_content: 'r' })], [{ type: 'reasoning', choice: 0, text: 'r' }]],
    ['reasoning', [delta({ reasoning: 'r' })], [{ type: 'reasoning', choice: 0, text: 'r' }]],
    [
      'reasoning as an object',
      [delta({ reasoning: { content: 'r' } })],
      [{ type: 'reasoning', choice: 0, text: 'r' }],
    ],
    [
      'OpenRouter: details beside the text',
      [
        delta({ reasoning: 'r', reasoning_details: [{ type: 'reasoning.text', text: 'r', index: 0 }] }),
        delta({
          reasoning_details: [
            { type: 'reasoning.text', text: '', signature: 's', format: 'anthropic-claude-v1' },
          ],
        }),
        delta({ reasoning_details: [{ type: 'reasoning.encrypted', data: 'd', id: 'i' }] }),
      ],
      [
        { type: 'reasoning', choice: 0, text: 'r' },
        { type: 'reasoning_state', choice: 0, signature: { value: 's' } },
        { type: 'reasoning_state', choice: 0, id: 'i', encrypted: { value: 'd' } },
      ],
    ],
    [
      'OpenRouter: details that are a summary',
      [delta({ reasoning: 'r', reasoning_details: [{ type: 'reasoning.summary', summary: 'r', index: 0 }] })],
      [{ type: 'reasoning', choice: 0, text: 'r', summary: true }],
    ],
    [
      'Mistral: content as a list with thinking',
      [
        delta({
          content: [
            { type: 'thinking', thinking: [{ type: 'text', text: 'r' }] },
            { type: 'text', text: 't' },
          ],
        }),
      ],
      [
        { type: 'reasoning', choice: 0, text: 'r' },
        { type: 'text', choice: 0, text: 't' },
      ],
    ],
    [
      'citations',
      [delta({ annotations: [{ type: 'url_citation', url_citation: { url: 'https://x', title: 't' } }] })],
      [{ type: 'citation', choice: 0, citation: expect.objectContaining({ url: 'https://x', title: 't' }) }],
    ],
    [
      'one stop for each choice, though said twice',
      [chunk({ delta: {}, finish_reason: 'stop' }), chunk({ delta: {}, finish_reason: 'stop' })],
      [expect.objectContaining({ type: 'stop', stop: expect.objectContaining({ reason: 'end' }) })],
    ],
    [
      'Groq: figures under a name of its own',
      [{ id: 'a', choices: [], x_groq: { usage: { prompt_tokens: 1, completion_tokens: 2 } } }],
      [
        expect.objectContaining({
          type: 'usage',
          usage: expect.objectContaining({ counts: { input: 1, output: 2 } }),
        }),
      ],
    ],
    [
      'DeepSeek: figures with the last content, its cache by a name of its own',
      [
        chunk(
          { delta: { content: 'a' }, finish_reason: 'stop' },
          { usage: { prompt_tokens: 5, prompt_cache_hit_tokens: 3, completion_tokens: 1 } },
        ),
      ],
      [
        { type: 'text', choice: 0, text: 'a' },
        expect.objectContaining({ type: 'stop' }),
        expect.objectContaining({
          usage: expect.objectContaining({ counts: { input: 2, cache_read: 3, output: 1 } }),
        }),
      ],
    ],
    [
      'Moonshot: figures in the last choice',
      [chunk({ delta: {}, finish_reason: 'stop', usage: { prompt_tokens: 4, completion_tokens: 2 } })],
      [
        expect.objectContaining({ type: 'stop' }),
        expect.objectContaining({ usage: expect.objectContaining({ counts: { input: 4, output: 2 } }) }),
      ],
    ],
    ['figures that are null', [chunk({ delta: {}, finish_reason: null }, { usage: null })], []],
  ])('%s', (_name, chunks, events) => {
    expect(read(chunks)).toEqual(events);
  });

  it.each<[string, JsonObject[], string[]]>([
    [
      'OpenAI',
      [
        calls(call(0, 'c1', 'f', '')),
        calls(call(0, undefined, undefined, '{"a":')),
        calls(call(0, null, null, '1}')),
      ],
      ['c1 f {"a":1}'],
    ],
    ['two calls', [calls(call(0, 'c1', 'f', '{}')), calls(call(1, 'c2', 'g', '{}'))], ['c1 f {}', 'c2 g {}']],
    ['id and name repeated', [calls(call(0, 'c1', 'f', '{')), calls(call(0, 'c1', 'f', '}'))], ['c1 f {}']],
    [
      'every call numbered 0',
      [calls(call(0, 'c1', 'f', '{}')), calls(call(0, 'c2', 'g', '{')), calls(call(0, null, null, '}'))],
      ['c1 f {}', 'c2 g {}'],
    ],
    [
      'no numbers',
      [calls(call(undefined, 'c1', 'f', '{}'), call(undefined, 'c2', 'g', '{}'))],
      ['c1 f {}', 'c2 g {}'],
    ],
    [
      'no numbers, in pieces',
      [calls(call(undefined, 'c1', 'f', '{')), calls(call(undefined, undefined, undefined, '}'))],
      ['c1 f {}'],
    ],
    [
      'no numbers, several calls in each piece',
      [
        calls(call(undefined, 'c0', 'e', '{}')),
        calls(call(undefined, 'c1', 'f', ''), call(undefined, 'c2', 'g', '')),
        calls(call(undefined, undefined, undefined, '1'), call(undefined, undefined, undefined, '2')),
        calls(call(undefined, 'c2', undefined, '3'), call(undefined, 'c1', undefined, '4')),
      ],
      ['c0 e {}', 'c1 f 14', 'c2 g 23'],
    ],
    ['numbers from 1', [calls(call(1, 'c1', 'f', '{}'))], ['c1 f {}']],
    ['the name after the id', [calls(call(0, 'c1', null, '')), calls(call(0, null, 'f', '{}'))], ['c1 f {}']],
    ['arguments as an object', [calls(call(0, 'c1', 'f', { a: 1 }))], ['c1 f {"a":1}']],
    ['no arguments', [calls(call(0, 'c1', 'f'))], ['c1 f ']],
    ['no id', [calls(call(0, '', 'f', '{}'))], ['call_a1_0_0 f {}']],
  ])('tool calls: %s', (_name, chunks, held) => {
    expect(heldCalls(chunks)).toEqual(held);
  });

  it('tells the sources of an answer with its stop, once, and later ones as they stood', () => {
    const sourced = { citations: ['https://x'] };
    const stop = chunk({ delta: {}, finish_reason: 'stop' });
    const told = (...chunks: JsonObject[]) => {
      const reader = new ChunkReader();
      return chunks
        .flatMap((one) => reader.read(one))
        .map((one) => (one.type === 'other' ? one.original.value : one.type));
    };
    const text = delta({ content: 'a' });
    expect(
      told({ ...text, ...sourced }, { ...stop, ...sourced }, { id: 'a', choices: [], ...sourced }),
    ).toEqual(['start', 'text', 'citation', 'stop']);
    expect(told(text, stop, { id: 'a', choices: [], ...sourced })).toEqual([
      'start',
      'text',
      'stop',
      { chunk: { citations: ['https://x'] } },
    ]);
  });

  it('says nothing of padding', () => {
    const padded = delta({ content: 'a' });
    expect(new ChunkReader().read({ ...padded, obfuscation: 'xyz' })).toEqual(new ChunkReader().read(padded));
  });

  it('says nothing of what a delta says twice', () => {
    const reader = new ChunkReader();
    const said = [
      { content: 'a', index: 0 },
      { reasoning: 'r', channel: 'analysis' },
    ].flatMap((one) => reader.read(delta(one)));
    expect(said.map(({ type }) => type)).toEqual(['start', 'text', 'reasoning']);
  });

  it('takes a stop with calls for the calls', () => {
    const [, , stop] = read([calls(call(0, 'c', 'f', '{}')), chunk({ delta: {}, finish_reason: 'stop' })]);
    expect(stop).toMatchObject({ type: 'stop', stop: { reason: 'tool_calls' } });
  });

  it("reads Gemini's signature of a call", () => {
    const signed = { ...call(0, 'c', 'f', '{}'), extra_content: { google: { thought_signature: 's' } } };
    expect(read([calls(signed)])[0]).toMatchObject({ type: 'tool_call', signature: { value: 's' } });
  });

  it("gives a tool the client's own name back", () => {
    const reader = new ChunkReader(new Map([['g__f', { name: 'f', namespace: 'g' }]]));
    const [, event] = reader.read(calls(call(0, 'c', 'g__f', '{}')));
    expect(event).toMatchObject({ type: 'tool_call', name: 'f', namespace: 'g' });
  });

  it.each<[string, JsonObject, string, string]>([
    ['OpenAI', { error: { message: 'm', type: 'server_error', code: null } }, 'provider_error', 'm'],
    ['a string', { error: 'broken' }, 'provider_error', 'broken'],
    [
      'OpenRouter',
      chunk({ delta: { content: '' }, finish_reason: 'error' }, { error: { code: 429, message: 'slow' } }),
      'rate_limited',
      'slow',
    ],
    [
      'OpenRouter, in the choice',
      chunk({ delta: {}, finish_reason: 'error', error: { code: 502, message: 'm' } }),
      'provider_error',
      'm',
    ],
    [
      'OpenRouter, by a word alone',
      chunk({ delta: {}, finish_reason: 'error', native_finish_reason: 'MALFORMED_FUNCTION_CALL' }),
      'provider_error',
      'The provider ended its answer with an error: MALFORMED_FUNCTION_CALL.',
    ],
    ['Mistral and older vLLM', { object: 'error', message: 'm', code: 503 }, 'overloaded', 'm'],
    [
      'Cerebras',
      { message: 'm', type: 'too_many_requests_error', code: 'queue_exceeded' },
      'overloaded',
      'm',
    ],
    ['Groq', { id: 'a', choices: [], x_groq: { error: 'over capacity' } }, 'provider_error', 'over capacity'],
  ])('an error in the middle: %s', (_name, value, kind, message) => {
    const events = read([value]);
    expect(events).toMatchObject([{ type: 'error', error: { kind, message } }]);
  });
});

describe('the end of a stream', () => {
  it.each<[string, unknown[], string[]]>([
    ['said something, without a reason', [delta({ content: 'a' })], ['stop']],
    ['has sources', [{ ...delta({ content: 'a' }), citations: ['https://x'] }], ['citation', 'stop']],
    ['said nothing', [delta({ role: 'assistant', content: '' })], []],
    ['stopped already', [chunk({ delta: { content: 'a' }, finish_reason: 'stop' })], []],
    ['failed', [delta({ content: 'a' }), { error: { message: 'm' } }], []],
  ])('%s', (_name, chunks, expected) => {
    const reader = new ChunkReader();
    for (const one of chunks) reader.read(one);
    expect(reader.finish().map(({ type }) => type)).toEqual(expected);
  });
});
