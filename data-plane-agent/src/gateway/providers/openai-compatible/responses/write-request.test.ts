import { providerPreset } from '@bonito/protocol';
import { describe, expect, it } from 'vitest';
import type { OutputPart } from '../../../chat/chat-content.ts';
import type { ChatMessage, ChatRequest } from '../../../chat/chat-request.ts';
import { readRequest as readChatRequest } from '../../../surfaces/openai-chat/read-request.ts';
import { readRequest as readResponsesRequest } from '../../../surfaces/openai-responses/read-request.ts';
import { responsesServer } from './responses-wire.ts';
import { writeRequest } from './write-request.ts';

const OPENAI = responsesServer(providerPreset('openai'));
const GENERIC = responsesServer(providerPreset('generic'));
const BASE: ChatRequest = {
  model: 'alias',
  messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi.' }] }],
  tools: [],
  sampling: {},
  stream: false,
  includeUsage: true,
};

const write = (more: Partial<ChatRequest>, server = OPENAI) =>
  writeRequest({ ...BASE, ...more }, 'gpt-x', server);
const inputOf = (messages: readonly ChatMessage[], server = OPENAI) => {
  const { value, dropped } = write({ messages }, server);
  return { input: value.input, dropped };
};
const assistant = (...content: OutputPart[]): ChatMessage => ({ role: 'assistant', content });

const LOOSE = { type: 'object', properties: { a: { type: 'string' } }, additionalProperties: false };

describe('a request to the Responses API', () => {
  it('stores nothing, and says no more than was asked', () => {
    expect(write({})).toEqual({
      value: {
        model: 'gpt-x',
        input: [{ type: 'message', role: 'user', content: 'Hi.' }],
        store: false,
      },
      dropped: [],
    });
  });

  it('keeps instructions in their places', () => {
    const text = (words: string) => [{ type: 'text' as const, text: words }];
    const messages: ChatMessage[] = [
      { role: 'system', content: text('One.') },
      { role: 'developer', content: [...text('Two.'), ...text('Three.')] },
      { role: 'user', content: text('Hi.') },
      { role: 'system', content: text('Four.') },
    ];
    const parts = [
      { type: 'input_text', text: 'Two.' },
      { type: 'input_text', text: 'Three.' },
    ];
    expect(write({ messages }).value).toMatchObject({
      instructions: 'One.',
      input: [
        { role: 'developer', content: parts },
        { role: 'user', content: 'Hi.' },
        { role: 'system', content: 'Four.' },
      ],
    });
    expect(write({ messages: messages.slice(1) }).value).not.toHaveProperty('instructions');
  });

  it.each<[string, ChatMessage[], unknown[], string[]]>([
    [
      'pictures and files',
      [
        {
          role: 'user',
          content: [
            {
              type: 'image',
              source: { kind: 'base64', mediaType: 'image/png', data: 'AA' },
              detail: 'low',
            },
            { type: 'image', source: { kind: 'uploaded', wire: 'openai-chat', id: 'file-1' } },
            { type: 'file', source: { kind: 'base64', mediaType: 'application/pdf', data: 'AA' } },
            { type: 'file', name: 'b', source: { kind: 'url', url: 'https://a.test/b.pdf' } },
            { type: 'file', source: { kind: 'text', text: 'a' } },
            { type: 'audio', source: { kind: 'base64', mediaType: 'audio/mpeg', data: 'AA' } },
            { type: 'audio', source: { kind: 'base64', mediaType: 'audio/ogg', data: 'AA' } },
            { type: 'file', source: { kind: 'uploaded', wire: 'anthropic-messages', id: 'f' } },
          ],
        },
      ],
      [
        {
          type: 'message',
          role: 'user',
          content: [
            { type: 'input_image', image_url: 'data:image/png;base64,AA', detail: 'low' },
            { type: 'input_image', file_id: 'file-1' },
            {
              type: 'input_file',
              filename: 'document.pdf',
              file_data: 'data:application/pdf;base64,AA',
            },
            { type: 'input_file', file_url: 'https://a.test/b.pdf' },
            { type: 'input_file', filename: 'document.txt', file_data: 'data:text/plain;base64,YQ==' },
            { type: 'input_audio', input_audio: { data: 'AA', format: 'mp3' } },
          ],
        },
      ],
      ['messages[0].content[3].filename', 'messages[0].content[6]', 'messages[0].content[7]'],
    ],
    [
      'a turn with a thought, words and calls, in its order',
      [
        assistant(
          { type: 'reasoning', text: 'One.', summary: true },
          { type: 'reasoning', text: 'Two.', summary: true, id: 'rs_1', encrypted: { value: 'E' } },
          { type: 'text', text: 'Said.' },
          { type: 'refusal', text: 'No.' },
          { type: 'tool_call', id: 'c1', name: 'look', arguments: '' },
          { type: 'tool_call', id: 'c2', name: 'patch', arguments: 'free', custom: true },
        ),
        { role: 'tool', toolCallId: 'c1', content: [{ type: 'text', text: '21' }] },
        {
          role: 'tool',
          toolCallId: 'c2',
          content: [
            { type: 'text', text: 'Seen.' },
            { type: 'image', source: { kind: 'url', url: 'https://a.test/a.png' } },
          ],
        },
      ],
      [
        {
          type: 'reasoning',
          id: 'rs_1',
          summary: [
            { type: 'summary_text', text: 'One.' },
            { type: 'summary_text', text: 'Two.' },
          ],
          encrypted_content: 'E',
        },
        {
          type: 'message',
          role: 'assistant',
          content: [
            { type: 'output_text', text: 'Said.', annotations: [] },
            { type: 'refusal', refusal: 'No.' },
          ],
        },
        { type: 'function_call', call_id: 'c1', name: 'look', arguments: '{}' },
        { type: 'custom_tool_call', call_id: 'c2', name: 'patch', input: 'free' },
        { type: 'function_call_output', call_id: 'c1', output: '21' },
        {
          type: 'custom_tool_call_output',
          call_id: 'c2',
          output: [
            { type: 'input_text', text: 'Seen.' },
            { type: 'input_image', image_url: 'https://a.test/a.png' },
          ],
        },
      ],
      [],
    ],
    [
      'a thought whose text and state came apart, and a second one',
      [
        assistant(
          { type: 'reasoning', text: 'One.' },
          { type: 'reasoning', text: '', encrypted: { value: 'E' } },
          { type: 'reasoning', text: '', encrypted: { value: 'F' } },
        ),
      ],
      [
        { type: 'reasoning', summary: [{ type: 'summary_text', text: 'One.' }], encrypted_content: 'E' },
        { type: 'reasoning', summary: [], encrypted_content: 'F' },
      ],
      [],
    ],
    [
      'what has no place',
      [
        {
          role: 'assistant',
          name: 'n',
          content: [
            { type: 'reasoning', text: 'Shown.', signature: { value: 's' } },
            { type: 'text', text: '' },
            { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'AA' } },
            { type: 'tool_call', id: 'c', name: 'n', arguments: '{}', signature: { value: 's' } },
          ],
        },
        { role: 'tool', toolCallId: 'c', content: [], isError: true, cache: {} },
        { role: 'user', name: 'n', content: [{ type: 'text', text: 'a', cache: { ttl: '1h' } }] },
      ],
      [
        { type: 'function_call', call_id: 'c', name: 'n', arguments: '{}' },
        { type: 'function_call_output', call_id: 'c', output: '' },
        { type: 'message', role: 'user', content: 'a' },
      ],
      [
        'messages[0].content[2]',
        'messages[0].content[3].signature',
        'messages[0].name',
        'messages[0].reasoning',
        'messages[0].reasoning.signature',
        'messages[1].cache_control',
        'messages[1].is_error',
        'messages[2].content[0].cache_control',
        'messages[2].name',
      ],
    ],
  ])('with %s', (_what, messages, input, dropped) => {
    const written = inputOf(messages);
    expect(written.input).toEqual(input);
    expect([...written.dropped].sort()).toEqual(dropped);
  });

  it('gives other servers the text of a thought back, and calls of free text as functions', () => {
    const tools = [{ type: 'custom', name: 'patch', format: { type: 'text' } }] as const;
    const messages = [
      assistant(
        { type: 'reasoning', text: 'H' },
        { type: 'reasoning', text: 'm.' },
        { type: 'tool_call', id: 'c', name: 'patch', arguments: 'free', custom: true },
      ),
      { role: 'tool' as const, toolCallId: 'c', custom: true, content: [] },
    ];
    const { value, dropped } = write({ messages, tools }, GENERIC);
    expect(value.input).toEqual([
      {
        type: 'reasoning',
        id: 'rs_0',
        summary: [],
        content: [{ type: 'reasoning_text', text: 'Hm.' }],
      },
      { type: 'function_call', call_id: 'c', name: 'patch', arguments: '{"input":"free"}' },
      { type: 'function_call_output', call_id: 'c', output: '' },
    ]);
    expect(value.tools).toMatchObject([{ type: 'function', name: 'patch', strict: false }]);
    expect(dropped).toEqual(['tools[0].format']);
  });

  it.each<[string, Partial<ChatRequest>, object, string[]]>([
    [
      'tools, which are not strict unless they say so',
      {
        tools: [
          { type: 'function', name: 'a' },
          { type: 'function', name: 'b', parameters: { type: 'object' }, strict: true, cache: {} },
          {
            type: 'custom',
            name: 'c',
            format: { type: 'grammar', grammar: { syntax: 'lark', definition: 'd' } },
          },
          { type: 'function', name: 'd', namespace: 'n' },
          { type: 'other', original: { wire: 'anthropic-messages', value: { type: 'bash' } } },
          { type: 'custom', name: 'e', namespace: 'n' },
          { type: 'other', original: { wire: 'openai-responses', value: { type: 'web_search' } } },
        ],
        toolChoice: { type: 'custom', name: 'c' },
      },
      {
        tools: [
          { type: 'function', name: 'a', parameters: { type: 'object', properties: {} }, strict: false },
          { type: 'function', name: 'b', parameters: { type: 'object', properties: {} }, strict: true },
          { type: 'custom', name: 'c', format: { type: 'grammar', syntax: 'lark', definition: 'd' } },
          {
            type: 'namespace',
            name: 'n',
            description: 'n',
            tools: [
              { type: 'function', name: 'd', parameters: { type: 'object', properties: {} }, strict: false },
              { type: 'custom', name: 'e' },
            ],
          },
          { type: 'web_search' },
        ],
        tool_choice: { type: 'custom', name: 'c' },
      },
      ['tools[1].cache_control', 'tools[4]'],
    ],
    [
      'tools that are allowed',
      {
        toolChoice: {
          type: 'other',
          original: {
            wire: 'openai-chat',
            value: {
              type: 'allowed_tools',
              allowed_tools: { mode: 'required', tools: [{ type: 'function', function: { name: 'a' } }] },
            },
          },
        },
      },
      {
        tool_choice: { type: 'allowed_tools', mode: 'required', tools: [{ type: 'function', name: 'a' }] },
      },
      [],
    ],
    [
      'reasoning, of which a summary is shown',
      { reasoning: { effort: 'high' } },
      { reasoning: { effort: 'high', summary: 'auto' }, include: ['reasoning.encrypted_content'] },
      [],
    ],
    [
      'reasoning of which nothing is to be shown',
      { reasoning: { mode: 'enabled', budgetTokens: 5_000, summary: 'none' } },
      { include: ['reasoning.encrypted_content'] },
      ['reasoning.budget_tokens'],
    ],
    ['no reasoning', { reasoning: { effort: 'none' } }, { reasoning: { effort: 'none' } }, []],
    [
      'promises that are not given where a member may be left out',
      {
        tools: [{ type: 'function', name: 'f', strict: true, optionalMembers: true, parameters: LOOSE }],
        responseFormat: {
          type: 'json_schema',
          name: 'n',
          schema: LOOSE,
          strict: true,
          optionalMembers: true,
        },
      },
      {
        tools: [{ type: 'function', name: 'f', parameters: LOOSE, strict: false }],
        text: { format: { type: 'json_schema', name: 'n', schema: LOOSE, strict: false } },
      },
      ['response_format.json_schema.strict', 'tools[0].strict'],
    ],
    [
      'reasoning switched off, with an effort of answering',
      { reasoning: { mode: 'disabled', effort: 'high' } },
      {},
      ['reasoning.effort', 'reasoning.mode'],
    ],
    ['reasoning switched off', { reasoning: { mode: 'disabled' } }, {}, ['reasoning.mode']],
    [
      'a schema, and how wordy',
      {
        responseFormat: { type: 'json_schema', name: 'n', schema: { type: 'object' }, strict: true },
        verbosity: 'low',
      },
      {
        text: {
          format: { type: 'json_schema', name: 'n', schema: { type: 'object' }, strict: true },
          verbosity: 'low',
        },
      },
      [],
    ],
    ['who asks by a long name', { endUser: 'u'.repeat(65) }, {}, ['user']],
    ['JSON', { responseFormat: { type: 'json' } }, { text: { format: { type: 'json_object' } } }, []],
    [
      'sampling',
      {
        sampling: {
          temperature: 0.5,
          topP: 0.6,
          maxOutputTokens: 70,
          logprobs: true,
          topLogprobs: 2,
          topK: 1,
          seed: 2,
          stopSequences: ['x'],
          frequencyPenalty: 1,
          presencePenalty: 1,
          logitBias: { 5: 1 },
        },
      },
      {
        temperature: 0.5,
        top_p: 0.6,
        max_output_tokens: 70,
        top_logprobs: 2,
        include: ['message.output_text.logprobs'],
      },
      ['frequency_penalty', 'logit_bias', 'presence_penalty', 'seed', 'stop', 'top_k'],
    ],
    [
      'who asks, and what for',
      {
        endUser: 'u',
        metadata: { a: 'b' },
        serviceTier: 'flex',
        cacheKey: 'k',
        parallelToolCalls: false,
        stream: true,
        extra: {
          wire: 'openai-chat',
          fields: { safety_identifier: 's', store: true, prediction: { type: 'content' }, audio: null },
        },
      },
      {
        user: 'u',
        metadata: { a: 'b' },
        service_tier: 'flex',
        prompt_cache_key: 'k',
        parallel_tool_calls: false,
        stream: true,
        safety_identifier: 's',
      },
      ['prediction', 'store'],
    ],
    // As Claude Code asks for its quota, and for all else.
    [
      'less room than OpenAI takes, and its usual temperature, which models that reason refuse to hear',
      { sampling: { maxOutputTokens: 1, temperature: 1 } },
      { max_output_tokens: 16 },
      ['max_output_tokens'],
    ],
  ])('with %s', (_what, more, expected, dropped) => {
    const { value, dropped: named } = write(more);
    const { model: _model, input: _input, store, ...rest } = value;
    expect(rest).toEqual(expected);
    expect(store).toBe(false);
    expect([...named].sort()).toEqual(dropped);
  });

  it('says both to other servers as they were asked', () => {
    const { value, dropped } = write({ sampling: { maxOutputTokens: 1, temperature: 1 } }, GENERIC);
    expect(value).toMatchObject({ max_output_tokens: 1, temperature: 1 });
    expect(dropped).toEqual([]);
  });
});

describe('a request that began in this wire', () => {
  const input = [
    { type: 'message', role: 'developer', content: 'Be brief.' },
    { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Fix it.' }, { type: 'x' }] },
    {
      type: 'reasoning',
      id: 'rs_abc',
      summary: [{ type: 'summary_text', text: 'Hm.' }],
      encrypted_content: 'gAAAA',
    },
    {
      type: 'message',
      role: 'assistant',
      content: 'Now.',
      phase: 'commentary',
    },
    { type: 'custom_tool_call', call_id: 'c1', name: 'apply_patch', input: '*** Begin' },
    { type: 'custom_tool_call_output', call_id: 'c1', output: 'Done.' },
    { type: 'function_call', call_id: 'c2', name: 'spawn', namespace: 'agents', arguments: '{}' },
    {
      type: 'function_call_output',
      call_id: 'c2',
      output: [
        { type: 'input_text', text: 'a' },
        { type: 'input_image', image_url: 'data:image/png;base64,AA' },
      ],
    },
    { type: 'web_search_call', id: 'ws_1', status: 'completed', action: { type: 'search', query: 'q' } },
    { type: 'local_shell_call_output', id: 'l', output: '{}' },
    { type: 'image_generation_call', id: 'ig_1', status: 'completed', size: '1x1', result: 'AA' },
  ];
  const body = {
    model: 'gpt-x',
    instructions: 'You are an agent.',
    input,
    tools: [
      { type: 'function', name: 'shell', parameters: { type: 'object', properties: {} }, strict: false },
      {
        type: 'custom',
        name: 'apply_patch',
        format: { type: 'grammar', syntax: 'lark', definition: 'start: a' },
      },
      { type: 'local_shell' },
    ],
    tool_choice: 'auto',
    parallel_tool_calls: true,
    reasoning: { effort: 'high', summary: 'detailed' },
    include: ['reasoning.encrypted_content'],
    text: { verbosity: 'low' },
    prompt_cache_key: 'k',
    store: false,
    stream: true,
  };

  it('is written as it was', () => {
    expect(writeRequest(readResponsesRequest(body), 'gpt-x', OPENAI)).toEqual({ value: body, dropped: [] });
  });

  it('grows at its end alone', () => {
    for (let length = 1; length < input.length; length++) {
      const earlier = readResponsesRequest({ ...body, input: input.slice(0, length) });
      const written = writeRequest(earlier, 'gpt-x', OPENAI).value.input as unknown[];
      const whole = writeRequest(readResponsesRequest(body), 'gpt-x', OPENAI).value.input as unknown[];
      expect(JSON.stringify(whole).startsWith(JSON.stringify(written).slice(0, -1))).toBe(true);
    }
  });

  it('gives a chat client’s turn back as it was answered', () => {
    const messages = [
      { role: 'user', content: 'Hi.' },
      {
        role: 'assistant',
        content: null,
        reasoning_content: 'Hm.',
        reasoning_details: [
          { type: 'reasoning.summary', summary: 'Hm.', id: 'rs_1' },
          { type: 'reasoning.encrypted', data: 'E', id: 'rs_1' },
        ],
        tool_calls: [{ id: 'c', type: 'custom', custom: { name: 'patch', input: 'free' } }],
      },
      { role: 'tool', tool_call_id: 'c', content: 'Done.' },
    ];
    const { value, dropped } = writeRequest(readChatRequest({ model: 'm', messages }), 'gpt-x', OPENAI);
    expect(value.input).toMatchObject([
      { role: 'user' },
      { type: 'reasoning', id: 'rs_1', summary: [{ text: 'Hm.' }], encrypted_content: 'E' },
      { type: 'custom_tool_call', input: 'free' },
      { type: 'custom_tool_call_output', output: 'Done.' },
    ]);
    expect(value.include).toEqual(['reasoning.encrypted_content']);
    expect(dropped).toEqual([]);
  });
});
