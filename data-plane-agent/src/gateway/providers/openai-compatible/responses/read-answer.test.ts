import { describe, expect, it } from 'vitest';
import { writeAnswer as writeMessage } from '../../../surfaces/anthropic-messages/write-answer.ts';
import { writeAnswer as writeCompletion } from '../../../surfaces/openai-chat/write-answer.ts';
import { openAiResponsesSurface } from '../../../surfaces/openai-responses/openai-responses-surface.ts';
import { readRequest } from '../../../surfaces/openai-responses/read-request.ts';
import { readAnswer } from './read-answer.ts';

const message = (...content: object[]) => ({
  id: 'msg_1',
  type: 'message',
  status: 'completed',
  role: 'assistant',
  content,
});
const text = (words: string, annotations: object[] = [], logprobs: object[] = []) => ({
  type: 'output_text',
  annotations,
  logprobs,
  text: words,
});
const response = (output: object[], more: object = {}) => ({
  id: 'resp_1',
  object: 'response',
  created_at: 1_790_000_000.5,
  status: 'completed',
  error: null,
  incomplete_details: null,
  model: 'gpt-x-2026',
  instructions: 'Echoed.',
  tools: [],
  tool_usage: { web_search: { num_requests: 0 } },
  moderation: null,
  output,
  service_tier: 'default',
  usage: {
    input_tokens: 30,
    input_tokens_details: { cached_tokens: 10, cache_write_tokens: 4 },
    output_tokens: 20,
    output_tokens_details: { reasoning_tokens: 15 },
    total_tokens: 50,
  },
  ...more,
});
const contentOf = (...output: object[]) => readAnswer(response(output)).choices[0]?.content;
const original = (value: unknown) => ({ wire: 'openai-responses', value });

describe('an answer of the Responses API', () => {
  it('says which it is, what it used and what served it', () => {
    const { choices, ...rest } = readAnswer(response([message(text('Hi.'))]));
    expect(rest).toMatchObject({
      id: 'resp_1',
      model: 'gpt-x-2026',
      created: 1_790_000_000,
      usage: {
        counts: { input: 16, cache_read: 10, cache_write: 4, output: 5, reasoning: 15 },
        original: { wire: 'openai-responses' },
      },
      extra: { wire: 'openai-chat', fields: { service_tier: 'default' } },
    });
    expect(choices).toEqual([
      {
        index: 0,
        content: [{ type: 'text', text: 'Hi.' }],
        stop: { reason: 'end', original: original('completed') },
        messageExtra: undefined,
      },
    ]);
  });

  const url = { type: 'url_citation', url: 'https://a.test', title: 'A', start_index: 0, end_index: 3 };
  const file = { type: 'file_citation', file_id: 'file-1', filename: 'a.pdf', index: 3 };
  const search = { id: 'ws_1', type: 'web_search_call', status: 'completed', action: { type: 'search' } };
  it.each<[string, object[], object[]]>([
    [
      'thoughts with their state',
      [
        {
          id: 'rs_1',
          type: 'reasoning',
          summary: [
            { type: 'summary_text', text: 'One.' },
            { type: 'summary_text', text: 'Two.' },
          ],
          content: [],
          encrypted_content: 'E',
        },
      ],
      [
        { type: 'reasoning', text: 'One.', summary: true },
        { type: 'reasoning', text: 'Two.', summary: true, id: 'rs_1', encrypted: { value: 'E' } },
      ],
    ],
    [
      'a thought that is shown as it was',
      [{ id: 'rs_1', type: 'reasoning', summary: [], content: [{ type: 'reasoning_text', text: 'Hm.' }] }],
      [{ type: 'reasoning', text: 'Hm.' }],
    ],
    [
      'a thought of which nothing is shown',
      [{ id: 'rs_1', type: 'reasoning', summary: [], encrypted_content: 'E' }],
      [{ type: 'reasoning', text: '', id: 'rs_1', encrypted: { value: 'E' } }],
    ],
    ['a thought of which nothing is known', [{ id: 'rs_1', type: 'reasoning', summary: [] }], []],
    [
      'sources',
      [message(text('All', [url, file]))],
      [
        {
          type: 'text',
          text: 'All',
          citations: [
            { url: 'https://a.test', title: 'A', start: 0, end: 3, original: original(url) },
            { title: 'a.pdf', original: original(file) },
          ],
        },
      ],
    ],
    ['a refusal', [message({ type: 'refusal', refusal: 'No.' })], [{ type: 'refusal', text: 'No.' }]],
    [
      'a refusal with a phase',
      [{ ...message({ type: 'refusal', refusal: 'No.' }), phase: 'final_answer' }],
      [
        {
          type: 'refusal',
          text: 'No.',
          extra: { wire: 'openai-responses', fields: { phase: 'final_answer' } },
        },
      ],
    ],
    [
      'words of a phase',
      [{ ...message(text('Now.'), text('Then.')), phase: 'commentary' }],
      [
        { type: 'text', text: 'Now.', extra: { wire: 'openai-responses', fields: { phase: 'commentary' } } },
        { type: 'text', text: 'Then.' },
      ],
    ],
    [
      'calls of every kind',
      [
        { id: 'fc_1', type: 'function_call', call_id: 'c1', name: 'a', arguments: '', status: 'completed' },
        { id: 'fc_2', type: 'function_call', call_id: 'c2', name: 'b', namespace: 'n', arguments: '{}' },
        { id: 'ctc_1', type: 'custom_tool_call', call_id: 'c3', name: 'c', input: 'free' },
      ],
      [
        { type: 'tool_call', id: 'c1', name: 'a', arguments: '' },
        { type: 'tool_call', id: 'c2', name: 'b', namespace: 'n', arguments: '{}' },
        { type: 'tool_call', id: 'c3', name: 'c', arguments: 'free', custom: true },
      ],
    ],
    [
      'a picture',
      [{ id: 'ig_1', type: 'image_generation_call', result: 'AA', output_format: 'webp', size: '1x1' }],
      [
        {
          type: 'image',
          source: { kind: 'base64', mediaType: 'image/webp', data: 'AA' },
          extra: { fields: { id: 'ig_1', output_format: 'webp', size: '1x1' } },
        },
      ],
    ],
    [
      'what the provider’s own tools did',
      [search, { id: 'ig_1', type: 'image_generation_call', status: 'failed', result: null }],
      [{ type: 'other', original: original(search) }, { type: 'other' }],
    ],
  ])('with %s', (_what, output, content) => {
    expect(contentOf(...output)).toMatchObject(content);
    expect(contentOf(...output)).toHaveLength(content.length);
  });

  it.each<[string, object, string, unknown]>([
    ['has called', {}, 'tool_calls', 'completed'],
    [
      'is cut',
      { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } },
      'length',
      'max_output_tokens',
    ],
    [
      'was filtered',
      { status: 'incomplete', incomplete_details: { reason: 'content_filter' } },
      'content_filter',
      'content_filter',
    ],
    ['was steered', { status: 'incomplete', incomplete_details: { reason: 'steered' } }, 'other', 'steered'],
    ['does not say why', { status: 'incomplete', incomplete_details: null }, 'other', 'incomplete'],
  ])('that %s says why it stopped', (_what, more, reason, said) => {
    const output = [{ type: 'function_call', call_id: 'c', name: 'a', arguments: '{}' }];
    expect(readAnswer(response(output, more)).choices[0]?.stop).toEqual({ reason, original: original(said) });
  });

  it('is empty where the filter took all of it', () => {
    const filtered = { status: 'incomplete', incomplete_details: { reason: 'content_filter' } };
    expect(readAnswer(response([], filtered)).choices[0]).toMatchObject({
      content: [],
      stop: { reason: 'content_filter' },
    });
  });

  it.each<[string, unknown]>([
    ['nothing', null],
    ['a failure', response([], { status: 'failed', error: { code: 'server_error', message: 'm' } })],
    ['one that goes on in the background', response([], { status: 'queued' })],
    ['no output', { ...response([]), output: undefined }],
    ['an item that is none', { ...response([]), output: ['a'] }],
  ])('is not %s', (_what, value) => {
    expect(() => readAnswer(value)).toThrow(expect.objectContaining({ name: 'MalformedAnswerError' }));
  });

  it('names what it cannot say in another wire, and says it in its own', () => {
    const logprob = { token: 'All', logprob: -0.1, bytes: [65], top_logprobs: [] };
    const said = message(text('All.', [url], [logprob]));
    const output = [
      {
        id: 'rs_1',
        type: 'reasoning',
        summary: [{ type: 'summary_text', text: 'Hm.' }],
        encrypted_content: 'E',
      },
      search,
      said,
      { id: 'fc_1', type: 'function_call', call_id: 'c', name: 'a', arguments: '{}', status: 'completed' },
    ];
    const answer = readAnswer(response(output));
    const chat = writeCompletion(answer);
    expect(chat.value).toMatchObject({
      service_tier: 'default',
      choices: [
        {
          finish_reason: 'tool_calls',
          logprobs: { content: [{ token: 'All' }], refusal: null },
          message: {
            content: 'All.',
            reasoning_content: 'Hm.',
            reasoning_details: [
              { type: 'reasoning.summary', summary: 'Hm.', id: 'rs_1' },
              { type: 'reasoning.encrypted', data: 'E', id: 'rs_1' },
            ],
            annotations: [{ type: 'url_citation', url_citation: { url: 'https://a.test', title: 'A' } }],
            tool_calls: [{ id: 'c' }],
          },
        },
      ],
    });
    expect(chat.dropped).toEqual(['choices[0].message.content']);
    const { value, dropped } = writeMessage(answer);
    expect(value).toMatchObject({
      stop_reason: 'tool_use',
      content: [{ type: 'thinking', thinking: 'Hm.' }, { type: 'redacted_thinking', data: 'E' }, {}, {}],
    });
    expect(dropped).toEqual(expect.arrayContaining(['content[1]', 'service_tier']));
    const own = openAiResponsesSurface.writeAnswer(answer, readRequest({ model: 'm', input: '' }));
    const items = own.value.output as Record<string, unknown>[];
    expect(items.map(({ type }) => type)).toEqual(output.map(({ type }) => type));
    expect(items[1]).toEqual(search);
    expect(items[2]).toMatchObject({ content: said.content });
    expect(own.value.usage).toEqual(response([]).usage);
    expect(own.dropped).toEqual([]);
  });
});
