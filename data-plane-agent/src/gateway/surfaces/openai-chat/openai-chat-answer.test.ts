import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isObject, type JsonObject } from '../../chat/wire.ts';
import { MalformedAnswerError } from '../../providers/malformed-answer-error.ts';
import { ChunkReader } from '../../providers/openai-compatible/chunk-reader.ts';
import { readAnswer } from '../../providers/openai-compatible/read-answer.ts';
import { ChunkWriter } from './chunk-writer.ts';
import { writeAnswer } from './write-answer.ts';

const word = fc.string({ maxLength: 8 });
const some = fc.string({ minLength: 1, maxLength: 8 });
const usage = fc.record({ prompt_tokens: fc.nat(), completion_tokens: fc.nat(), x_cost: fc.nat() });
const finish = fc.constantFrom('stop', 'length', 'tool_calls', 'content_filter', 'eos');
const call = fc.record({
  id: some,
  type: fc.constant('function'),
  function: fc.record({ name: word, arguments: some }),
});
const answer = fc.record(
  {
    id: word,
    object: fc.constant('chat.completion'),
    created: fc.nat(),
    model: word,
    choices: fc.array(
      fc.record({
        index: fc.nat(3),
        message: fc.record(
          {
            role: fc.constant('assistant'),
            content: fc.oneof(word, fc.constant(null)),
            // Servers that leave nothing out write an empty one where there is none.
            refusal: fc.oneof(fc.string({ minLength: 1, maxLength: 8 }), fc.constant(null)),
            reasoning_content: some,
            tool_calls: fc.array(call, { minLength: 1, maxLength: 2 }),
            annotations: fc.constant([
              {
                type: 'url_citation',
                url_citation: { url: 'https://x', title: 't', start_index: 0, end_index: 1 },
              },
            ]),
            audio: fc.constant({ id: 'a', data: 'AAAA', transcript: 'hi', expires_at: 5 }),
          },
          { requiredKeys: ['role', 'content', 'refusal'] },
        ),
        finish_reason: finish,
        logprobs: fc.jsonValue(),
      }),
      { maxLength: 2 },
    ),
    usage,
    system_fingerprint: word,
  },
  { requiredKeys: ['id', 'object', 'created', 'model', 'choices'] },
);

/** Some servers say `stop` where tools are called: clients then would not run them. */
function reasonFor(reason: unknown, calls: boolean): unknown {
  return calls && (reason === 'stop' || reason === 'eos') ? 'tool_calls' : reason;
}

function withCallsAsReason<Choice extends { message: { tool_calls?: unknown }; finish_reason: string }>(
  choice: Choice,
) {
  return {
    ...choice,
    finish_reason: reasonFor(choice.finish_reason, choice.message.tool_calls !== undefined),
  };
}

describe('an answer through the neutral form', () => {
  it('comes out on the same wire as it went in', () => {
    fc.assert(
      fc.property(answer, (body) => {
        const before = structuredClone(body);
        const written = writeAnswer(readAnswer(body));
        expect(body).toEqual(before);
        const expected = { ...before, choices: before.choices.map(withCallsAsReason) };
        expect(written).toEqual({ value: expected, dropped: [] });
      }),
    );
  });

  it.each([null, [], {}, { choices: [{}] }, { choices: {} }])('refuses %j', (body) => {
    expect(() => readAnswer(body)).toThrow(MalformedAnswerError);
  });

  it('writes further thoughts as paragraphs', () => {
    const thought = (text: string) => ({ type: 'reasoning', text, summary: true }) as const;
    const content = [thought('One.'), thought(''), thought('Two.\n'), thought('Three.')];
    const { value } = writeAnswer({ id: 'i', model: 'm', created: 1, choices: [{ index: 0, content }] });
    expect(value).toMatchObject({ choices: [{ message: { reasoning_content: 'One.\n\nTwo.\nThree.' } }] });
  });

  it('writes figures and reasons of another wire in its own words', () => {
    const original = { wire: 'anthropic-messages', value: 'x' } as const;
    const { value } = writeAnswer({
      id: 'i',
      model: 'm',
      created: 1,
      choices: [
        { index: 0, content: [{ type: 'text', text: 'a' }], stop: { reason: 'stop_sequence', original } },
      ],
      usage: { counts: { input: 3, cache_read: 2, output: 4, reasoning: 1 }, original },
    });
    expect(value).toMatchObject({
      choices: [{ message: { content: 'a' }, finish_reason: 'stop' }],
      usage: {
        prompt_tokens: 5,
        completion_tokens: 5,
        total_tokens: 10,
        prompt_tokens_details: { cached_tokens: 2 },
        completion_tokens_details: { reasoning_tokens: 1 },
      },
    });
  });
});

const delta = fc.record(
  {
    role: fc.constant('assistant'),
    content: word,
    refusal: word,
    reasoning_content: word,
    x_delta: fc.nat(),
    tool_calls: fc.array(
      fc.record({
        index: fc.nat(1),
        id: fc.constant('call'),
        type: fc.constant('function'),
        function: fc.record({ name: fc.constant('f'), arguments: some }),
      }),
      { maxLength: 2 },
    ),
  },
  { requiredKeys: [] },
);
const chunk = fc.record(
  {
    id: fc.constant('i'),
    object: fc.constant('chat.completion.chunk'),
    created: fc.constant(1),
    model: fc.constant('m'),
    system_fingerprint: fc.constant('fp'),
    choices: fc.array(
      fc.record({
        index: fc.nat(1),
        delta,
        finish_reason: fc.oneof(fc.constant(null), finish),
        logprobs: fc.nat(),
      }),
      { maxLength: 2 },
    ),
    usage,
  },
  { requiredKeys: ['id', 'object', 'created', 'model', 'choices'] },
);

/** What a client holds after the stream: texts and arguments joined, the first reason, the last of everything else. */
function accumulate(chunks: readonly JsonObject[]) {
  const seen: Record<string, unknown> = {};
  const places = new Map<string, number>();
  const join = (key: string, value: unknown) => {
    if (typeof value === 'string' && value !== '') seen[key] = `${seen[key] ?? ''}${value}`;
  };
  for (const one of chunks) {
    if (one.usage) seen.usage = one.usage;
    if (one.system_fingerprint) seen.system_fingerprint = one.system_fingerprint;
    for (const choice of one.choices as JsonObject[]) {
      const parts = isObject(choice.delta) ? choice.delta : {};
      for (const name of ['content', 'refusal', 'reasoning_content'])
        join(`${choice.index}.${name}`, parts[name]);
      for (const item of (parts.tool_calls ?? []) as {
        index: number;
        id?: string;
        function: { arguments: string };
      }[]) {
        // Calls are numbered anew, in the order in which they came.
        const key = `${choice.index}.${item.index}`;
        const place =
          places.get(key) ?? [...places.keys()].filter((one) => one.startsWith(`${choice.index}.`)).length;
        places.set(key, place);
        if (item.id) seen[`${choice.index}.call.${place}`] = item.id;
        join(`${choice.index}.arguments.${place}`, item.function.arguments);
      }
      for (const [name, value] of [
        ['logprobs', choice.logprobs],
        ['x_delta', parts.x_delta],
      ] as const) {
        if (value !== undefined && value !== null) seen[`${choice.index}.${name}`] = value;
      }
      const calls = Object.keys(seen).some((name) => name.startsWith(`${choice.index}.call.`));
      if (choice.finish_reason !== null)
        seen[`${choice.index}.finish`] ??= reasonFor(choice.finish_reason, calls);
    }
  }
  return seen;
}

function through(chunks: readonly JsonObject[], includeUsage = true) {
  const reader = new ChunkReader();
  const writer = new ChunkWriter(includeUsage);
  const written = chunks
    .flatMap((one) => reader.read(one))
    .flatMap<JsonObject>((event) => writer.write(event) ?? []);
  return { written, dropped: writer.dropped };
}

describe('a stream through the neutral form', () => {
  it('leaves a client with the same answer', () => {
    fc.assert(
      fc.property(fc.array(chunk, { minLength: 1, maxLength: 6 }), (chunks) => {
        const { written, dropped } = through(chunks);
        const { system_fingerprint: _before, ...before } = accumulate(chunks);
        const { system_fingerprint: _after, ...after } = accumulate(written);
        expect(after).toEqual(before);
        expect(dropped).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it('names the role once, repeats what stands in each chunk, and hides usage that was not asked for', () => {
    const head = {
      id: 'i',
      object: 'chat.completion.chunk',
      created: 1,
      model: 'm',
      system_fingerprint: 'fp',
    };
    const chunks = [
      { ...head, choices: [{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }] },
      { ...head, choices: [{ index: 0, delta: { content: 'a' }, finish_reason: null }] },
      { ...head, choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] },
      { ...head, choices: [], usage: { prompt_tokens: 1, completion_tokens: 1 } },
    ];
    expect(through(chunks, false).written).toEqual([
      { ...head, choices: [{ index: 0, delta: { role: 'assistant', content: 'a' }, finish_reason: null }] },
      { ...head, choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] },
    ]);
  });

  it('carries an error', () => {
    const error: JsonObject = { message: 'overloaded', code: 'x', y: 1 };
    expect(through([{ error }]).written).toEqual([{ error }]);
    expect(() => new ChunkReader().read('x')).toThrow(MalformedAnswerError);
  });
});
