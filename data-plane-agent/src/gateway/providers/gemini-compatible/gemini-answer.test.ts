import type { GenerateContentResponse } from '@google/genai';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../chat/wire.ts';
import { SseFrameSplitter } from '../../framing/sse-frame-splitter.ts';
import { readGeminiUsage } from '../../metering/read-gemini-usage.ts';
import { MalformedAnswerError } from '../malformed-answer-error.ts';
import { GeminiEventReader } from './gemini-event-reader.ts';
import { GeminiPassMeter } from './gemini-pass-meter.ts';
import { readAnswer } from './read-answer.ts';
import { readError } from './read-error.ts';

type Answer = Pick<GenerateContentResponse, 'promptFeedback' | 'usageMetadata'> & { [name: string]: unknown };

const usageMetadata = {
  promptTokenCount: 10,
  candidatesTokenCount: 5,
  thoughtsTokenCount: 3,
  totalTokenCount: 18,
};
const head = { responseId: 'r1', modelVersion: 'gemini-3-pro' };
const piece = (parts: unknown[], more: object = {}) => ({
  ...head,
  candidates: [{ content: { role: 'model', parts }, index: 0, ...more }],
  usageMetadata,
});
const PIECES = [
  piece([{ text: 'hm', thought: true }]),
  piece([{ text: 'Grüß 😀' }]),
  piece([{ text: '', thoughtSignature: 'T' }]),
  piece([
    { functionCall: { name: 'f', args: { a: 'ü' } }, thoughtSignature: 'S' },
    { functionCall: { name: 'g' } },
  ]),
  piece([], { finishReason: 'STOP' }),
];
const STREAM = Buffer.from(PIECES.map((one) => `data: ${JSON.stringify(one)}\r\n\r\n`).join(''));

function readStream(chunks: readonly Buffer[]) {
  const splitter = new SseFrameSplitter(1_000_000);
  const reader = new GeminiEventReader();
  const events = [...chunks.flatMap((chunk) => splitter.push(chunk)), ...splitter.end()].flatMap((frame) =>
    reader.read(frame),
  );
  return [...events, ...reader.end()];
}

describe('a streamed answer of Gemini', () => {
  it('is read piece by piece', () => {
    const events = readStream([STREAM]).filter(({ type }) => type !== 'usage');
    expect(events).toEqual([
      { type: 'start', id: 'r1', model: 'gemini-3-pro', created: 0 },
      { type: 'reasoning', choice: 0, text: 'hm', summary: true },
      { type: 'text', choice: 0, text: 'Grüß 😀' },
      { type: 'part_end', choice: 0 },
      { type: 'reasoning_state', choice: 0, signature: { value: 'T' } },
      { type: 'tool_call', choice: 0, call: 0, id: 'call_r1_0_0', name: 'f', signature: { value: 'S' } },
      { type: 'tool_arguments', choice: 0, call: 0, text: '{"a":"ü"}' },
      { type: 'tool_call', choice: 0, call: 1, id: 'call_r1_0_1', name: 'g' },
      { type: 'tool_arguments', choice: 0, call: 1, text: '{}' },
      {
        type: 'stop',
        choice: 0,
        stop: { reason: 'tool_calls', original: { wire: 'gemini-content', value: 'STOP' } },
      },
      { type: 'end' },
    ]);
  });

  it('is the same wherever it is cut', () => {
    const whole = readStream([STREAM]);
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(STREAM.length), { maxLength: 12 }), (cuts) => {
        const at = [0, ...cuts.sort((one, other) => one - other), STREAM.length];
        expect(readStream(at.slice(1).map((end, index) => STREAM.subarray(at[index], end)))).toEqual(whole);
      }),
    );
  });

  it.each([
    ['a reason with every piece, as older models give it', ['STOP', 'STOP', 'MAX_TOKENS'], 'length'],
    ['a reason that is not there at the end', ['STOP', undefined], 'end'],
  ])('keeps all that comes after %s', (_name, reasons, reason) => {
    const pieces = reasons.map((finishReason, at) => piece([{ text: `${at} ` }], { finishReason }));
    const bytes = Buffer.from(pieces.map((one) => `data: ${JSON.stringify(one)}\n\n`).join(''));
    const events = readStream([bytes]).filter(({ type }) => type === 'text' || type === 'stop');
    expect(events).toEqual([
      ...reasons.map((_reason, at) => ({ type: 'text', choice: 0, text: `${at} ` })),
      { type: 'stop', choice: 0, stop: expect.objectContaining({ reason }) },
    ]);
  });

  it('ends with the reason why a prompt was blocked', () => {
    const reader = new GeminiEventReader();
    const blocked = { ...head, promptFeedback: { blockReason: 'PROHIBITED_CONTENT' }, usageMetadata };
    expect(reader.read(frame(blocked)).map(({ type }) => type)).toEqual(['start', 'usage']);
    expect(reader.end()).toMatchObject([
      { type: 'stop', stop: { reason: 'content_filter' } },
      { type: 'end' },
    ]);
  });

  it('puts arguments together that come in parts', () => {
    const reader = new GeminiEventReader();
    const call = (called: object, more: object = {}) => ({ functionCall: called, ...more });
    const pieces = [
      piece([call({ name: 'cook', willContinue: true }, { thoughtSignature: 'S' })]),
      piece([
        call({
          partialArgs: [{ jsonPath: '$.dish', stringValue: 'Sou', willContinue: true }],
          willContinue: true,
        }),
      ]),
      piece([call({ partialArgs: [{ jsonPath: '$.dish', stringValue: 'p' }], willContinue: true })]),
      piece([call({ willContinue: true })]),
      piece([call({})]),
      piece([call({ name: 'wait', willContinue: true })]),
      piece([call({ name: 'serve', partialArgs: [{ jsonPath: '$.to[0]', numberValue: 4 }] })]),
      piece([call({})]),
      piece([call({ name: 'clean', willContinue: true })]),
      piece([{ text: '' }], { finishReason: 'STOP' }),
    ];
    const events = [...pieces.flatMap((one) => reader.read(frame(one))), ...reader.end()];
    expect(events.filter(({ type }) => type !== 'usage' && type !== 'start')).toMatchObject([
      { type: 'tool_call', call: 0, name: 'cook', signature: { value: 'S' } },
      { type: 'tool_arguments', call: 0, text: '{"dish":"Soup"}' },
      { type: 'tool_call', call: 1, name: 'wait' },
      { type: 'tool_arguments', call: 1, text: '{}' },
      { type: 'tool_call', call: 2, name: 'serve' },
      { type: 'tool_arguments', call: 2, text: '{"to":[4]}' },
      { type: 'tool_call', call: 3, name: 'clean' },
      { type: 'tool_arguments', call: 3, text: '{}' },
      { type: 'stop', stop: { reason: 'tool_calls' } },
      { type: 'end' },
    ]);
  });

  it('places what is cited in the text, which Gemini counts in bytes over all pieces', () => {
    const grounding = {
      groundingChunks: [{ web: { uri: 'https://a.example', title: 'A' } }],
      groundingSupports: [{ segment: { startIndex: 12, endIndex: 14 }, groundingChunkIndices: [0] }],
    };
    const pieces = [
      piece([{ text: 'hm', thought: true }]),
      piece([{ text: 'Grüß' }]),
      piece([{ text: ' 😀 da' }]),
      piece([{ text: '', thoughtSignature: 'T' }], { groundingMetadata: grounding, finishReason: 'STOP' }),
    ];
    const stream = Buffer.from(pieces.map((one) => `data: ${JSON.stringify(one)}\n\n`).join(''));
    const beside = new Set(['start', 'usage', 'other']);
    const events = readStream([stream]).filter(({ type }) => !beside.has(type));
    expect(events.map(({ type }) => type)).toEqual([
      'reasoning',
      'text',
      'text',
      'citation',
      'part_end',
      'reasoning_state',
      'stop',
      'end',
    ]);
    expect(events[3]).toMatchObject({ citation: { url: 'https://a.example', start: 8, end: 10 } });
  });

  it('tells a source once, whatever pieces name it, and those that came before the text', () => {
    const source = (text: string) => ({ retrievedContext: { text, fileSearchStore: 'stores/s' } });
    const searched = { executableCode: { language: 'PYTHON', code: 'search()' } };
    const pieces = [
      piece([searched], { groundingMetadata: { groundingChunks: [source('bees'), source('wasps')] } }),
      piece([{ text: 'Bees hum.' }], { groundingMetadata: {} }),
      piece([{ text: ' Ants do not.' }], {
        finishReason: 'STOP',
        groundingMetadata: {
          groundingChunks: [source('ants')],
          groundingSupports: [
            { segment: { endIndex: 9 }, groundingChunkIndices: [0] },
            { segment: { startIndex: 10, endIndex: 22 }, groundingChunkIndices: [2] },
          ],
        },
      }),
    ];
    const stream = Buffer.from(pieces.map((one) => `data: ${JSON.stringify(one)}\n\n`).join(''));
    const cited = readStream([stream]).flatMap((event) =>
      event.type === 'citation' ? [event.citation] : [],
    );
    expect(cited).toMatchObject([
      { quote: 'bees', start: 0, end: 9 },
      { quote: 'ants', start: 10, end: 22 },
      { quote: 'wasps' },
    ]);
  });

  it('does not show a picture of a thought as one of the answer', () => {
    const drawn = { thought: true, inlineData: { mimeType: 'image/png', data: 'AA==' } };
    const [event] = new GeminiEventReader()
      .read(frame(piece([drawn])))
      .filter(({ type }) => type !== 'start');
    expect(event).toMatchObject({ type: 'other', original: { value: { index: 0, part: drawn } } });
    expect(readAnswer(piece([drawn]) as JsonObject).choices[0]?.content).toMatchObject([
      { type: 'other', original: { value: drawn } },
    ]);
  });

  it('says how likely tokens were as OpenAI does', () => {
    const token = (text: string, logProbability: number) => ({ token: text, tokenId: 7, logProbability });
    const told = piece([{ text: 'ü!' }], {
      avgLogprobs: -0.5,
      logprobsResult: {
        chosenCandidates: [token('ü', -0.5), { token: '!' }],
        topCandidates: [{ candidates: [token('ü', -0.5), token('u', -2)] }],
      },
    });
    const content = [
      {
        token: 'ü',
        logprob: -0.5,
        bytes: [195, 188],
        top_logprobs: [
          { token: 'ü', logprob: -0.5, bytes: [195, 188] },
          { token: 'u', logprob: -2, bytes: [117] },
        ],
      },
      { token: '!', logprob: 0, bytes: [33], top_logprobs: [] },
    ];
    const fields = { logprobs: { content, refusal: null } };
    expect(readAnswer(told as JsonObject).choices).toMatchObject([
      {
        extra: { wire: 'openai-chat', fields },
        messageExtra: { wire: 'gemini-content', fields: { avgLogprobs: -0.5 } },
      },
    ]);
    const others = new GeminiEventReader().read(frame(told)).filter(({ type }) => type === 'other');
    expect(others).toMatchObject([
      { original: { wire: 'openai-chat', value: { index: 0, choice: fields } } },
      { original: { wire: 'gemini-content', value: { candidate: { avgLogprobs: -0.5 } } } },
    ]);
  });

  it('ends only after a stop, and carries errors', () => {
    const reader = new GeminiEventReader();
    reader.read(frame(PIECES[1]));
    expect(reader.end()).toEqual([]);
    const error = { code: 503, message: 'The model is overloaded.', status: 'UNAVAILABLE' };
    expect(reader.read(frame([{ error }]))).toMatchObject([{ type: 'error', error: { kind: 'overloaded' } }]);
    expect(() => reader.read(frame({ candidates: {} }))).toThrow(MalformedAnswerError);
  });

  it('is metered while it is passed on', () => {
    const meter = new GeminiPassMeter();
    const sights = PIECES.map((one) => meter.frame(frame(one)));
    expect([sights, meter.figures, meter.mayClose]).toEqual([
      PIECES.map(() => 'data'),
      { input: 10, output: 5, reasoning: 3 },
      true,
    ]);
  });
});

function frame(value: unknown) {
  return { event: undefined, exception: false, data: Buffer.from(JSON.stringify(value)) };
}

describe('a whole answer of Gemini', () => {
  it('keeps parts in order, with signatures ahead of what they belong to', () => {
    const body = piece(
      [
        { text: 'hm', thought: true, thoughtSignature: 'A' },
        { text: 'é said', thoughtSignature: 'B' },
        { executableCode: { code: 'x' } },
        { inlineData: { mimeType: 'image/png', data: 'AA==' } },
      ],
      {
        finishReason: 'MAX_TOKENS',
        groundingMetadata: {
          groundingChunks: [{ web: { uri: 'https://a.example', title: 'A' } }],
          groundingSupports: [
            { segment: { partIndex: 1, startIndex: 3, endIndex: 7 }, groundingChunkIndices: [0] },
          ],
        },
      },
    );
    const [choice] = readAnswer(body).choices;
    expect(choice?.content).toMatchObject([
      { type: 'reasoning', text: 'hm', signature: { value: 'A' } },
      { type: 'reasoning', text: '', signature: { value: 'B' } },
      {
        type: 'text',
        text: 'é said',
        citations: [{ url: 'https://a.example', title: 'A', start: 2, end: 6 }],
      },
      { type: 'other', original: { value: { executableCode: { code: 'x' } } } },
      { type: 'image', source: { mediaType: 'image/png' } },
    ]);
    expect(choice?.stop?.reason).toBe('length');
  });

  it('puts what is cited to the text that it names, or else to the last one', () => {
    const web = (name: string) => ({ web: { uri: `https://${name}.example` } });
    const body = piece(
      [{ text: 'hm', thought: true }, { text: 'One.' }, { executableCode: { code: 'x' } }, { text: 'Two.' }],
      {
        finishReason: 'STOP',
        groundingMetadata: {
          groundingChunks: [web('a'), web('b')],
          groundingSupports: [{ segment: { partIndex: 1, endIndex: 3 }, groundingChunkIndices: [0] }],
        },
      },
    );
    expect(readAnswer(body as JsonObject).choices[0]?.content).toMatchObject([
      { type: 'reasoning' },
      { text: 'One.', citations: [{ url: 'https://a.example', start: 0, end: 3 }] },
      { type: 'other' },
      { text: 'Two.', citations: [{ url: 'https://b.example' }] },
    ]);
  });

  it.each<[string, Answer]>([
    ['a blocked prompt', { promptFeedback: { blockReason: 'PROHIBITED_CONTENT' as never }, usageMetadata }],
    ['a blocked candidate', { candidates: [{ finishReason: 'SAFETY' }] }],
    ['a candidate with null content', { candidates: [{ content: null, finishReason: 'SPII' }] }],
  ])('reads %s as filtered and empty', (_name, body) => {
    expect(readAnswer(body as JsonObject).choices).toMatchObject([
      { content: [], stop: { reason: 'content_filter' } },
    ]);
  });

  it('reads an answer with nothing but figures as empty, and not as filtered', () => {
    expect(readAnswer({ usageMetadata }).choices).toMatchObject([{ content: [], stop: { reason: 'other' } }]);
  });

  it.each([{}, { candidates: {} }, { candidates: [1] }, { candidates: [{ content: { parts: [1] } }] }])(
    'refuses %j',
    (body) => {
      expect(() => readAnswer(body as JsonObject)).toThrow(MalformedAnswerError);
    },
  );
});

describe('usage of Gemini', () => {
  it('sums up to the total, in disjoint classes', () => {
    const figure = fc.nat(10_000);
    const details = fc.array(
      fc.record({ modality: fc.constantFrom('TEXT', 'AUDIO', 'IMAGE', 'VIDEO'), tokenCount: figure }),
      { maxLength: 3 },
    );
    const usage = fc.record({
      promptTokenCount: figure,
      cachedContentTokenCount: figure,
      candidatesTokenCount: figure,
      thoughtsTokenCount: figure,
      toolUsePromptTokenCount: figure,
      promptTokensDetails: details,
      cacheTokensDetails: details,
      candidatesTokensDetails: details,
    });
    fc.assert(
      fc.property(usage, (one) => {
        const total =
          one.promptTokenCount +
          one.candidatesTokenCount +
          one.thoughtsTokenCount +
          one.toolUsePromptTokenCount;
        const counts = readGeminiUsage({ ...one, totalTokenCount: total }) ?? {};
        expect(Object.values(counts).reduce((sum, value) => sum + value, 0)).toBe(total);
      }),
    );
  });

  it.each([
    [undefined, undefined],
    [{}, undefined],
    [
      { promptTokenCount: 9, cachedContentTokenCount: 4, totalTokenCount: 9 },
      { input: 5, cache_read: 4 },
    ],
    [
      { promptTokenCount: 5, candidatesTokenCount: 8, thoughtsTokenCount: 3, totalTokenCount: 13 },
      { input: 5, output: 5, reasoning: 3 },
    ],
  ])('reads %j', (usage, counts) => {
    expect(readGeminiUsage(usage)).toEqual(counts);
  });
});

describe('an error of Gemini', () => {
  const LONG_AT_VERTEX =
    'Unable to submit request because the input token count is 1054016 but model only supports up to 1048576. Reduce it.';
  const LONG = 'The input token count (1054016) exceeds the maximum number of tokens allowed (1048576).';
  it.each([LONG, LONG_AT_VERTEX, 'the input token count is 1054016 but the model supports up to 1048576.'])(
    'finds how long is too long: %s',
    (message) => {
      const body = { error: { code: 400, message, status: 'INVALID_ARGUMENT' } };
      expect(readError({ status: 400, headers: {}, body: Buffer.from(JSON.stringify(body)) })).toMatchObject({
        kind: 'context_too_long',
        tokens: { sent: 1_054_016, limit: 1_048_576 },
      });
    },
  );

  it.each([
    [
      400,
      { message: LONG, status: 'INVALID_ARGUMENT' },
      { kind: 'context_too_long', tokens: { sent: 1054016, limit: 1048576 } },
    ],
    [
      429,
      { message: 'x', status: 'RESOURCE_EXHAUSTED', details: [{ retryDelay: '3.5s' }] },
      { kind: 'rate_limited', retryAfterSeconds: 3.5 },
    ],
    [
      429,
      {
        message: 'x',
        status: 'RESOURCE_EXHAUSTED',
        details: [{ violations: [{ quotaId: 'GenerateRequestsPerDayPerProject' }] }],
      },
      { kind: 'quota_exhausted' },
    ],
    [
      429,
      { message: 'Your prepayment credits are depleted. Please go on.', status: 'RESOURCE_EXHAUSTED' },
      { kind: 'quota_exhausted' },
    ],
    [503, { message: 'x', status: 'UNAVAILABLE' }, { kind: 'overloaded' }],
    [
      400,
      { message: 'API key not valid.', status: 'INVALID_ARGUMENT', details: [{ reason: 'API_KEY_INVALID' }] },
      { kind: 'unauthenticated' },
    ],
    [
      400,
      {
        message: 'Function call is missing a thought_signature in functionCall parts.',
        status: 'INVALID_ARGUMENT',
      },
      { kind: 'state_rejected' },
    ],
    [
      400,
      { message: 'User location is not supported for the API use.', status: 'FAILED_PRECONDITION' },
      { kind: 'permission_denied' },
    ],
    [404, { message: 'x', status: 'NOT_FOUND' }, { kind: 'model_not_found' }],
    [504, { message: 'x', status: 'DEADLINE_EXCEEDED' }, { kind: 'timeout' }],
    [
      400,
      { message: 'x', details: [{ fieldViolations: [{ field: 'contents' }] }] },
      { kind: 'invalid_request', param: 'contents' },
    ],
  ])('%i %j', (status, error, expected) => {
    for (const body of [{ error }, [{ error }]]) {
      expect(readError({ status, headers: {}, body: Buffer.from(JSON.stringify(body)) })).toMatchObject(
        expected,
      );
    }
  });

  it('reads a page of a proxy by its status', () => {
    expect(readError({ status: 502, headers: {}, body: Buffer.from('<html>') }).kind).toBe('provider_error');
  });
});
