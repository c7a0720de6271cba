import Anthropic from '@anthropic-ai/sdk';
import { SERVED_TIER } from '@bonito/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChatAnswer } from '../../chat/chat-answer.ts';
import type { ChatEvent } from '../../chat/chat-event.ts';
import { SseFrameSplitter } from '../../framing/sse-frame-splitter.ts';
import { MessageEventReader } from '../../providers/anthropic-compatible/message-event-reader.ts';
import { readAnswer } from '../../providers/anthropic-compatible/read-answer.ts';
import { readError } from '../../providers/anthropic-compatible/read-error.ts';
import { anthropicErrors } from './anthropic-errors.ts';
import { MessageEventWriter } from './message-event-writer.ts';
import { writeAnswer } from './write-answer.ts';

const original = (value: unknown) => ({ wire: 'anthropic-messages' as const, value });
const sse = (events: readonly { type: string }[]) =>
  Buffer.from(events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join(''));

/** A stream as the API sends it: thinking, a citation, a server's tool, two calls of which one has no arguments. */
const STREAM = [
  {
    type: 'message_start',
    message: {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: 'claude-sonnet-4-5-20250929',
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: {
        input_tokens: 10,
        cache_creation_input_tokens: 7,
        cache_read_input_tokens: 100,
        cache_creation: { ephemeral_5m_input_tokens: 2, ephemeral_1h_input_tokens: 5 },
        output_tokens: 1,
        service_tier: 'standard',
      },
    },
  },
  { type: 'content_block_start', index: 0, content_block: { type: 'thinking', thinking: '', signature: '' } },
  { type: 'ping' },
  { type: 'content_block_delta', index: 0, delta: { type: 'thinking_delta', thinking: 'Ich überlege 🐟' } },
  { type: 'content_block_delta', index: 0, delta: { type: 'signature_delta', signature: 'c2ln' } },
  { type: 'content_block_stop', index: 0 },
  { type: 'content_block_start', index: 1, content_block: { type: 'redacted_thinking', data: 'opaque' } },
  { type: 'content_block_stop', index: 1 },
  { type: 'content_block_start', index: 2, content_block: { type: 'text', text: '' } },
  { type: 'content_block_delta', index: 2, delta: { type: 'text_delta', text: 'Grüße, ' } },
  { type: 'content_block_delta', index: 2, delta: { type: 'text_delta', text: '日本' } },
  {
    type: 'content_block_delta',
    index: 2,
    delta: {
      type: 'citations_delta',
      citation: { type: 'page_location', cited_text: 'q', document_title: 't', document_index: 0 },
    },
  },
  { type: 'content_block_stop', index: 2 },
  {
    type: 'content_block_start',
    index: 3,
    content_block: { type: 'server_tool_use', id: 'srv', name: 'web_search', input: {} },
  },
  {
    type: 'content_block_delta',
    index: 3,
    delta: { type: 'input_json_delta', partial_json: '{"query":"q"}' },
  },
  { type: 'content_block_stop', index: 3 },
  {
    type: 'content_block_start',
    index: 4,
    content_block: { type: 'tool_use', id: 'toolu_1', name: 'look', input: {} },
  },
  { type: 'content_block_delta', index: 4, delta: { type: 'input_json_delta', partial_json: '' } },
  { type: 'content_block_delta', index: 4, delta: { type: 'input_json_delta', partial_json: '{"a": "ü' } },
  { type: 'content_block_delta', index: 4, delta: { type: 'input_json_delta', partial_json: '"}' } },
  { type: 'content_block_stop', index: 4 },
  {
    type: 'content_block_start',
    index: 5,
    content_block: { type: 'tool_use', id: 'toolu_2', name: 'now', input: {} },
  },
  { type: 'content_block_stop', index: 5 },
  { type: 'some_later_event', anything: true },
  {
    type: 'message_delta',
    delta: { stop_reason: 'tool_use', stop_sequence: null },
    usage: { output_tokens: 40, input_tokens: null, output_tokens_details: { thinking_tokens: 12 } },
  },
  { type: 'message_stop' },
];

function readStream(bytes: Buffer, cuts: readonly number[]): ChatEvent[] {
  const splitter = new SseFrameSplitter(1_000_000);
  const reader = new MessageEventReader();
  const events: ChatEvent[] = [];
  let from = 0;
  for (const to of [...cuts, bytes.length]) {
    for (const frame of splitter.push(bytes.subarray(from, to))) events.push(...reader.read(frame));
    from = to;
  }
  for (const frame of splitter.end()) events.push(...reader.read(frame));
  return [...events, ...reader.end()];
}

async function throughSdk(events: readonly ChatEvent[]) {
  const writer = new MessageEventWriter();
  const written = events.map((event) => writer.write(event) ?? Buffer.alloc(0));
  const bytes = Buffer.concat([...written, writer.end() ?? Buffer.alloc(0)]);
  const client = new Anthropic({
    apiKey: 'x',
    fetch: async () => new Response(bytes, { headers: { 'content-type': 'text/event-stream' } }),
  });
  const params = { model: 'm', max_tokens: 5, messages: [{ role: 'user' as const, content: 'x' }] };
  const stream = client.messages.stream(params);
  return { message: await stream.finalMessage(), bytes };
}

describe('a stream of Anthropic’s', () => {
  it('says the same, wherever its bytes are cut', () => {
    const bytes = sse(STREAM);
    const whole = readStream(bytes, []);
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 8 }), (cuts) => {
        expect(
          readStream(
            bytes,
            cuts.toSorted((left, right) => left - right),
          ),
        ).toEqual(whole);
      }),
    );
    expect(
      readStream(
        bytes,
        Array.from({ length: bytes.length }, (_, index) => index),
      ),
    ).toEqual(whole);
  });

  it('is read with its order, its state and its figures', () => {
    const events = readStream(sse(STREAM), []);
    expect(events.map(({ type }) => type)).toEqual([
      'start',
      'reasoning',
      'reasoning_state',
      'reasoning_state',
      'text',
      'text',
      'citation',
      'part_end',
      'other',
      'tool_call',
      'tool_arguments',
      'tool_arguments',
      'tool_call',
      'tool_arguments',
      'usage',
      'stop',
      'end',
    ]);
    expect(events.filter((event) => event.type === 'reasoning_state')).toMatchObject([
      { signature: { value: 'c2ln' } },
      { encrypted: { value: 'opaque' } },
    ]);
    const usage = events.find((event) => event.type === 'usage');
    // Cumulative figures replace earlier ones, null leaves what was there, and thinking is a part of the output.
    expect(usage?.usage.counts).toEqual({
      input: 10,
      cache_read: 100,
      cache_write: 2,
      cache_write_1h: 5,
      output: 28,
      reasoning: 12,
      [SERVED_TIER]: 'standard',
    });
  });

  it('without its last event is not complete, and an error in it is typed', () => {
    const cut = readStream(sse(STREAM.slice(0, -1)), []);
    expect(cut.some(({ type }) => type === 'end')).toBe(false);
    const overloaded = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } };
    expect(readStream(sse([...STREAM.slice(0, 5), overloaded]), []).at(-1)).toMatchObject({
      type: 'error',
      error: { kind: 'overloaded', message: 'Overloaded' },
    });
  });

  it('is understood by the SDK when it is written again, as the whole answer is', async () => {
    const events = readStream(sse(STREAM), []);
    const { message } = await throughSdk(events);
    const { message: direct } = await throughSdk(readStream(sse(STREAM), [3, 500]));
    expect(direct).toEqual(message);
    const body = {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: 'claude-sonnet-4-5-20250929',
      content: message.content,
      stop_reason: 'tool_use',
      stop_sequence: null,
      usage: message.usage,
    };
    expect(message).toMatchObject({
      stop_reason: 'tool_use',
      content: [
        { type: 'thinking', thinking: 'Ich überlege 🐟', signature: 'c2ln' },
        { type: 'redacted_thinking', data: 'opaque' },
        { type: 'text', text: 'Grüße, 日本' },
        { type: 'server_tool_use', input: { query: 'q' } },
        { type: 'tool_use', id: 'toolu_1', input: { a: 'ü' } },
        { type: 'tool_use', id: 'toolu_2', input: {} },
      ],
    });
    const again = writeAnswer(readAnswer(JSON.parse(JSON.stringify(body))));
    expect(again.dropped).toEqual([]);
    expect(again.value.content).toEqual(JSON.parse(JSON.stringify(message.content)));
  });
});

const stop = (reason: 'end' | 'length' | 'content_filter' | 'context_full' | 'stop_sequence') => ({
  reason,
  original: { wire: 'openai-chat' as const, value: 'x' },
});

describe('an answer from elsewhere', () => {
  const answer = (content: ChatAnswer['choices'][number]['content'], reason = stop('end')): ChatAnswer => ({
    id: 'chatcmpl-1',
    model: 'gpt',
    created: 5,
    choices: [{ index: 0, content, stop: reason }],
    usage: {
      counts: { input: 3, cache_read: 4, cache_write: 1, output: 2, reasoning: 5 },
      original: { wire: 'openai-chat', value: {} },
    },
  });

  it('is a message with the wire’s own words', () => {
    const { value } = writeAnswer(
      answer([
        { type: 'reasoning', text: 'Hm.' },
        { type: 'text', text: 'Yes.' },
        { type: 'tool_call', id: 'c', name: 'f', arguments: 'not json' },
      ]),
    );
    expect(value).toMatchObject({
      id: 'msg_chatcmpl-1',
      content: [
        { type: 'thinking', thinking: 'Hm.', signature: '' },
        { type: 'text', text: 'Yes.' },
        { type: 'tool_use', id: 'c', input: { arguments: 'not json' } },
      ],
      stop_reason: 'end_turn',
      usage: {
        input_tokens: 3,
        cache_read_input_tokens: 4,
        cache_creation_input_tokens: 1,
        output_tokens: 7,
      },
    });
  });

  it('names a citation of a source without an address, and a reason that it has no word for', () => {
    const original = { wire: 'cohere-chat', value: {} } as const;
    const text = { type: 'text', text: 'so', citations: [{ title: 'a.pdf', original }] } as const;
    const choices = [{ index: 0, content: [text], stop: { reason: 'other', original } }] as const;
    const { value, dropped } = writeAnswer({ ...answer([]), choices });
    expect(value).toMatchObject({ content: [{ type: 'text', citations: null }], stop_reason: 'end_turn' });
    expect(dropped).toEqual(['content[0].citations', 'stop_reason']);
  });

  it.each([
    ['length', 'max_tokens'],
    ['content_filter', 'refusal'],
    ['context_full', 'model_context_window_exceeded'],
    ['stop_sequence', 'stop_sequence'],
  ] as const)('%s is %s', (reason, word) => {
    expect(writeAnswer(answer([], stop(reason))).value).toMatchObject({ content: [], stop_reason: word });
  });
});

describe('errors', () => {
  const answerOf = (status: number, type: string, message: string) => ({
    status,
    headers: {},
    body: Buffer.from(JSON.stringify({ type: 'error', error: { type, message } })),
  });

  it.each([
    [
      400,
      'invalid_request_error',
      'prompt is too long: 212345 tokens > 200000 maximum',
      'context_too_long',
      { sent: 212_345, limit: 200_000 },
    ],
    [
      400,
      'invalid_request_error',
      'input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000',
      'context_too_long',
      { sent: 210_000, limit: 200_000 },
    ],
    [
      400,
      'invalid_request_error',
      'messages.1.content.0: Invalid `signature` in `thinking` block',
      'state_rejected',
      undefined,
    ],
    [400, 'invalid_request_error', 'Your credit balance is too low', 'quota_exhausted', undefined],
    [
      400,
      'invalid_request_error',
      'You have reached your specified API usage limits. You will regain access on 2026-12-01.',
      'quota_exhausted',
      undefined,
    ],
    [
      400,
      'invalid_request_error',
      'Output blocked by content filtering policy',
      'content_filtered',
      undefined,
    ],
    [
      400,
      'invalid_request_error',
      'messages.5.content.1: `thinking` or `redacted_thinking` blocks in the latest assistant message cannot be modified.',
      'state_rejected',
      undefined,
    ],
    [
      400,
      'invalid_request_error',
      'messages.1.content.0: Invalid `data` in `redacted_thinking` block',
      'state_rejected',
      undefined,
    ],
    [
      400,
      'invalid_request_error',
      'messages.3.content.1: Invalid `encrypted_content` in `search_result` block',
      'state_rejected',
      undefined,
    ],
    [
      400,
      'invalid_request_error',
      'messages.1.content.0: The block is bound to a different conversation.',
      'state_rejected',
      undefined,
    ],
    [
      400,
      'invalid_request_error',
      'messages.3.content.1: When providing `thinking` or `redacted_thinking` blocks, the blocks must match the parameters during the original request.',
      'state_rejected',
      undefined,
    ],
    [
      400,
      'invalid_request_error',
      'messages.1.content.0.type: Expected `thinking` or `redacted_thinking`, but found `tool_use`. To avoid this requirement, disable `thinking`.',
      'invalid_request',
      undefined,
    ],
    [400, 'invalid_request_error', 'This organization has been disabled.', 'permission_denied', undefined],
    [400, 'invalid_request_error', 'max_tokens: must be positive', 'invalid_request', undefined],
    [401, 'authentication_error', 'invalid x-api-key', 'unauthenticated', undefined],
    [404, 'not_found_error', 'model: nothing', 'model_not_found', undefined],
    [413, 'request_too_large', 'too large', 'request_too_large', undefined],
    [429, 'rate_limit_error', 'slower', 'rate_limited', undefined],
    [
      429,
      'rate_limit_error',
      "This request would exceed your account's monthly spend limit.",
      'quota_exhausted',
      undefined,
    ],
    [500, 'api_error', 'oh', 'provider_error', undefined],
    [529, 'overloaded_error', 'Overloaded', 'overloaded', undefined],
  ] as const)('%i %s, %s, is %s and is written as it was', (status, type, message, kind, tokens) => {
    const error = readError(answerOf(status, type, message));
    expect(error).toMatchObject({ kind, message });
    expect(error.tokens).toEqual(tokens);
    const written = anthropicErrors.provider(error, status, 'r');
    expect(written.body).toMatchObject({ type: 'error', error: { message }, request_id: 'r' });
  });

  it('a limit of money among those of rate is told by its code', () => {
    const details = { error_code: 'enforced_spend_limit_reached' };
    const error = { type: 'rate_limit_error', message: 'No more this month.', details };
    const body = Buffer.from(JSON.stringify({ type: 'error', error }));
    expect(readError({ status: 429, headers: {}, body })).toMatchObject({ kind: 'quota_exhausted' });
  });

  it('a full window elsewhere is told in the words that agents look for', () => {
    const tokens = { sent: 9_000, limit: 8_192 };
    const error = { kind: 'context_too_long', message: 'too much', tokens } as const;
    expect(anthropicErrors.provider(error, 400, 'r').body).toMatchObject({
      error: { type: 'invalid_request_error', message: 'prompt is too long: 9000 tokens > 8192 maximum' },
    });
  });

  it.each([
    'prompt is too long: 210000 tokens > 200000 maximum',
    'input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000, decrease one of them',
  ])('a cloud that hands on the sentence: %s', (sentence) => {
    const message = `The model returned the following errors: ${sentence}`;
    const error = {
      kind: 'context_too_long',
      message,
      tokens: { sent: 210_000, limit: 200_000 },
    } as const;
    expect(anthropicErrors.provider(error, 400, 'r').body).toMatchObject({ error: { message: sentence } });
  });

  it('never fails on what is no error of its own', () => {
    fc.assert(
      fc.property(fc.integer({ min: 300, max: 599 }), fc.string(), (status, body) => {
        expect(readError({ status, headers: {}, body: Buffer.from(body) }).message).not.toBe('');
      }),
    );
  });
});

it('keeps what the original wire said of usage', () => {
  const usage = {
    counts: { input: 1, output: 1 },
    original: original({ input_tokens: 1, output_tokens: 1, extra: 1 }),
  };
  const body = writeAnswer({ id: 'msg_1', model: 'm', created: 0, choices: [], usage });
  expect(body.value.usage).toEqual({ input_tokens: 1, output_tokens: 1, extra: 1 });
});
