import { describe, expect, it } from 'vitest';
import type { ChatEvent } from '../../chat/chat-event.ts';
import type { ChatRequest } from '../../chat/chat-request.ts';
import type { ProviderError } from '../../chat/provider-error.ts';
import { openAiChatSurface } from './openai-chat-surface.ts';

const request: ChatRequest = {
  model: 'm',
  messages: [],
  tools: [],
  sampling: {},
  stream: true,
  includeUsage: true,
};
const original = { wire: 'anthropic-messages', value: undefined } as const;
const start = { type: 'start', id: 'i', model: 'm', created: 1 } as const;
const stop = { type: 'stop', choice: 0, stop: { reason: 'end', original } } as const;
const usage: ChatEvent = {
  type: 'usage',
  usage: {
    counts: { input: 3, cache_read: 2, cache_write: 1, cache_write_1h: 1, output: 4, reasoning: 1 },
    original,
  },
};

function stream(events: readonly ChatEvent[], changes: Partial<ChatRequest> = {}) {
  const writer = openAiChatSurface.eventWriter({ ...request, ...changes });
  const bytes = [...events.map((event) => writer.write(event)), writer.end()];
  const text = Buffer.concat(bytes.filter((one) => one !== undefined)).toString();
  const data = text.split('\n\n').filter((frame) => frame !== '');
  const last = data.pop();
  const chunks = data.map((frame) => JSON.parse(frame.slice('data: '.length)));
  return { last, chunks, dropped: writer.dropped };
}

describe('openAiChatSurface', () => {
  it('writes figures once, at the end, if they were asked for', () => {
    const events = [start, usage, { type: 'text', choice: 0, text: 'a' } as const, stop, usage];
    const { chunks, last } = stream(events);
    expect(last).toBe('data: [DONE]');
    expect(chunks.map(({ choices }) => choices.length)).toEqual([1, 1, 0]);
    expect(chunks.at(-1).usage).toEqual({
      prompt_tokens: 7,
      completion_tokens: 5,
      total_tokens: 12,
      prompt_tokens_details: { cached_tokens: 2, audio_tokens: 0, cache_write_tokens: 2 },
      completion_tokens_details: { reasoning_tokens: 1, audio_tokens: 0 },
    });
    expect(stream(events, { includeUsage: false }).chunks).toHaveLength(2);
  });

  it('writes each piece of text as it writes the first', () => {
    const begin = {
      ...start,
      id: '"choices":["*"]',
      extra: { wire: 'openai-chat', fields: { system_fingerprint: 'f' } },
    } as const;
    const words = ['a', '"\\\n', '\u2028é'].map((text) => ({ type: 'text', choice: 0, text }) as const);
    const { chunks } = stream([begin, ...words]);
    const [first, ...more] = chunks;
    expect(more).toHaveLength(2);
    more.forEach((chunk, index) => {
      const delta = { content: words[index + 1]?.text };
      expect(chunk).toEqual({ ...first, choices: [{ index: 0, delta, finish_reason: null }] });
    });
  });

  it.each<[string, ChatEvent[], object]>([
    [
      'reasoning and its signature',
      [
        { type: 'reasoning', choice: 0, text: 'r' },
        { type: 'reasoning_state', choice: 0, signature: { value: 's' } },
      ],
      { reasoning_details: [{ type: 'reasoning.text', text: 'r', signature: 's' }] },
    ],
    [
      'encrypted reasoning',
      [{ type: 'reasoning_state', choice: 0, encrypted: { value: 'e' }, id: 'x' }],
      { reasoning_details: [{ type: 'reasoning.encrypted', data: 'e', id: 'x' }] },
    ],
    [
      'a citation of what was said before it',
      [
        { type: 'text', choice: 0, text: 'said' },
        { type: 'citation', choice: 0, citation: { url: 'https://x', title: 't', original } },
      ],
      {
        annotations: [
          {
            type: 'url_citation',
            url_citation: { url: 'https://x', title: 't', start_index: 0, end_index: 4 },
          },
        ],
      },
    ],
    [
      'a citation that came in front of its text, where that ends',
      [
        { type: 'text', choice: 0, text: 'so ' },
        { type: 'part_end', choice: 0 },
        { type: 'citation', choice: 0, citation: { url: 'https://x', title: 't', original } },
        { type: 'text', choice: 0, text: 'said' },
        { type: 'part_end', choice: 0 },
      ],
      { annotations: [{ url_citation: { url: 'https://x', start_index: 3, end_index: 7 } }] },
    ],
    [
      'a citation in a later part of the text',
      [
        { type: 'text', choice: 0, text: 'said' },
        { type: 'part_end', choice: 0 },
        { type: 'text', choice: 0, text: 'more' },
        {
          type: 'citation',
          choice: 0,
          citation: { url: 'https://x', title: 't', start: 1, end: 2, original },
        },
      ],
      { annotations: [{ url_citation: { start_index: 5, end_index: 6 } }] },
    ],
    [
      'a further thought as a paragraph',
      [
        { type: 'reasoning', choice: 0, text: 'One.', summary: true },
        { type: 'part_end', choice: 0 },
        { type: 'reasoning', choice: 0, text: 'Two.', summary: true },
      ],
      { reasoning_content: '\n\nTwo.' },
    ],
    [
      'a call',
      [{ type: 'tool_call', choice: 0, call: 0, id: 'c', name: 'f' }],
      { tool_calls: [{ index: 0, id: 'c', type: 'function', function: { name: 'f', arguments: '' } }] },
    ],
    [
      'a call of a custom tool',
      [
        { type: 'tool_call', choice: 0, call: 0, id: 'c', name: 'f', custom: true },
        { type: 'tool_arguments', choice: 0, call: 0, text: 'free' },
      ],
      { tool_calls: [{ index: 0, custom: { input: 'free' } }] },
    ],
    ['a refusal', [{ type: 'refusal', choice: 0, text: 'no' }], { refusal: 'no' }],
  ])('writes %s', (_name, events, delta) => {
    const { chunks, dropped } = stream([start, ...events]);
    expect(chunks.at(-1).choices[0].delta).toMatchObject(delta);
    expect(chunks[0].choices[0].delta.role).toBe('assistant');
    expect(dropped).toEqual([]);
  });

  it('writes a citation that waited before it stops', () => {
    const citation = { url: 'https://x', title: 't', original };
    const { chunks } = stream([start, { type: 'citation', choice: 0, citation }, stop]);
    expect(chunks.map((chunk) => chunk.choices[0].delta)).toMatchObject([
      { role: 'assistant' },
      { annotations: [{ url_citation: { start_index: 0, end_index: 0 } }] },
      {},
    ]);
  });

  it('names a reason that it has no word for', () => {
    const unknown: ChatEvent = { type: 'stop', choice: 0, stop: { reason: 'other', original } };
    const { chunks, dropped } = stream([start, unknown]);
    expect(chunks.at(-1).choices[0].finish_reason).toBe('stop');
    expect(dropped).toEqual(['stream.finish_reason']);
  });

  it.each<[ProviderError['kind'], number, string]>([
    ['context_too_long', 400, 'context_length_exceeded'],
    ['rate_limited', 429, 'rate_limit_exceeded'],
    ['quota_exhausted', 429, 'insufficient_quota'],
    ['content_filtered', 400, 'content_filter'],
    ['model_not_found', 404, 'model_not_found'],
    ['unauthenticated', 401, 'invalid_api_key'],
  ])('says %s as OpenAI does', (kind, status, code) => {
    const { errors } = openAiChatSurface;
    const written = errors.provider({ kind, message: 'words', tokens: { sent: 9, limit: 8 } }, 418, 'r');
    expect(written).toMatchObject({
      status,
      body: { error: { code, message: expect.stringContaining('words') } },
    });
    expect(errors.event(written.body).toString()).toBe(`data: ${JSON.stringify(written.body)}\n\n`);
    expect(errors.ping?.toString()).toBe(': ping\n\n');
  });

  it.each([
    [{ reasoning: { effort: 'low' } }, { effort: 'low' }],
    [{ reasoning: { max_tokens: 9, enabled: true } }, { budgetTokens: 9, mode: 'enabled' }],
    [{ reasoning: { enabled: false } }, { mode: 'disabled' }],
    [
      { reasoning_effort: 'high', reasoning: { exclude: true } },
      { effort: 'high', summary: 'none' },
    ],
  ])('reads %j', (fields, reasoning) => {
    const read = openAiChatSurface.readRequest(
      { model: 'm', messages: [], ...fields },
      { header: () => undefined },
    );
    expect(read.reasoning).toEqual(reasoning);
    expect(read.extra).toBeUndefined();
  });

  it('reads cache hints, custom tools and reasoning under each of its names', () => {
    const cache_control = { type: 'ephemeral', ttl: '1h' };
    const read = openAiChatSurface.readRequest(
      {
        model: 'm',
        messages: [
          { role: 'system', content: [{ type: 'text', text: 's', cache_control }] },
          { role: 'assistant', content: 'a', reasoning: 'r' },
          {
            role: 'assistant',
            content: null,
            reasoning_details: [{ type: 'reasoning.encrypted', data: 'e' }],
          },
          { role: 'assistant', tool_calls: [{ id: 'c', type: 'custom', custom: { name: 'p', input: 'x' } }] },
        ],
        tools: [{ type: 'custom', custom: { name: 'p' } }],
        functions: [{ name: 'old' }],
      },
      { header: () => undefined },
    );
    expect(read).toMatchObject({
      messages: [
        { content: [{ text: 's', cache: { ttl: '1h' } }] },
        { content: [{ type: 'reasoning', text: 'r' }, { type: 'text' }], extra: undefined },
        { content: [{ type: 'reasoning', encrypted: { value: 'e' } }] },
        { content: [{ type: 'tool_call', custom: true, arguments: 'x' }] },
      ],
      tools: [{ type: 'custom', name: 'p' }],
      extra: { fields: { functions: [{ name: 'old' }] } },
    });
  });
});
