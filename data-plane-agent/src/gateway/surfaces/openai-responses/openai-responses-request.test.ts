import { describe, expect, it } from 'vitest';
import type { ChatAnswer } from '../../chat/chat-answer.ts';
import type { ChatMessage, ChatRequest } from '../../chat/chat-request.ts';
import { isObject, type JsonObject } from '../../chat/wire.ts';
import { GatewayError } from '../../errors/gateway-error.ts';
import { openAiResponsesSurface as surface } from './openai-responses-surface.ts';

const PNG = 'data:image/png;base64,AAAA';

function read(body: JsonObject): ChatRequest {
  const frozen = deepFreeze(structuredClone(body));
  const request = surface.readRequest(frozen, { header: () => undefined });
  expect(surface.readRequest(frozen, { header: () => undefined })).toEqual(request);
  return request;
}

function deepFreeze<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null)
    for (const member of Object.values(value)) deepFreeze(member);
  return Object.freeze(value);
}

function messagesOf(input: unknown): readonly ChatMessage[] {
  return read({ model: 'm', input }).messages;
}

describe('input', () => {
  const other = (value: unknown) => ({ type: 'other', original: { wire: 'openai-responses', value } });
  const otherMessage = (value: unknown) => ({
    role: 'other',
    original: { wire: 'openai-responses', value },
  });
  it.each<[string, unknown, unknown]>([
    ['a string', 'Hi', [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }]],
    [
      'easy messages',
      [
        { role: 'developer', content: 'Be brief.' },
        { role: 'user', content: 'Hi' },
        { role: 'assistant', content: 'Hello' },
      ],
      [
        { role: 'developer', content: [{ type: 'text', text: 'Be brief.' }] },
        { role: 'user', content: [{ type: 'text', text: 'Hi' }] },
        { role: 'assistant', content: [{ type: 'text', text: 'Hello' }] },
      ],
    ],
    [
      'images and files',
      [
        {
          type: 'message',
          role: 'user',
          content: [
            { type: 'input_text', text: 'Look' },
            { type: 'input_image', image_url: PNG, detail: 'high' },
            { type: 'input_image', file_id: 'file-1', detail: 'auto' },
            { type: 'input_file', filename: 'a.pdf', file_data: 'data:application/pdf;base64,BBBB' },
            { type: 'input_file', file_url: 'https://x.example/a.pdf' },
            { type: 'input_audio', input_audio: { data: 'CCCC', format: 'wav' } },
            { type: 'input_video', x: 1 },
          ],
        },
      ],
      [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'Look' },
            {
              type: 'image',
              source: { kind: 'base64', mediaType: 'image/png', data: 'AAAA' },
              detail: 'high',
            },
            {
              type: 'image',
              source: { kind: 'uploaded', wire: 'openai-responses', id: 'file-1' },
              detail: 'auto',
            },
            {
              type: 'file',
              source: { kind: 'base64', mediaType: 'application/pdf', data: 'BBBB' },
              name: 'a.pdf',
            },
            { type: 'file', source: { kind: 'url', url: 'https://x.example/a.pdf' } },
            { type: 'audio', source: { kind: 'base64', mediaType: 'audio/wav', data: 'CCCC' } },
            other({ type: 'input_video', x: 1 }),
          ],
        },
      ],
    ],
    [
      'cache hints',
      [
        {
          role: 'user',
          content: [
            { type: 'input_text', text: 'a', prompt_cache_breakpoint: { mode: 'explicit' } },
            { type: 'input_text', text: 'b', cache_control: { type: 'ephemeral', ttl: '1h' } },
            { type: 'input_text', text: 'c', prompt_cache_breakpoint: { mode: 'explicit', ttl: '30m' } },
          ],
        },
      ],
      [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'a', cache: {} },
            { type: 'text', text: 'b', cache: { ttl: '1h' } },
            {
              type: 'text',
              text: 'c',
              extra: {
                wire: 'openai-responses',
                fields: { prompt_cache_breakpoint: { mode: 'explicit', ttl: '30m' } },
              },
            },
          ],
        },
      ],
    ],
    [
      'the items of one turn of the model',
      [
        {
          type: 'reasoning',
          id: 'rs_1',
          summary: [{ type: 'summary_text', text: 'S' }],
          encrypted_content: 'gA',
        },
        {
          type: 'message',
          id: 'msg_1',
          role: 'assistant',
          status: 'completed',
          content: [
            { type: 'output_text', text: 'T', annotations: [], logprobs: [] },
            { type: 'refusal', refusal: 'R' },
          ],
        },
        { type: 'function_call', id: 'fc_1', call_id: 'c1', name: 'f', arguments: '{}', status: 'completed' },
        { type: 'custom_tool_call', call_id: 'c2', name: 'g', input: 'text', namespace: 'n' },
        { type: 'web_search_call', id: 'ws_1', status: 'completed' },
        { type: 'image_generation_call', id: 'ig_1', status: 'completed', result: 'AAAA' },
      ],
      [
        {
          role: 'assistant',
          content: [
            { type: 'reasoning', text: 'S', summary: true, id: 'rs_1', encrypted: { value: 'gA' } },
            { type: 'text', text: 'T' },
            { type: 'refusal', text: 'R' },
            { type: 'tool_call', id: 'c1', name: 'f', arguments: '{}' },
            { type: 'tool_call', id: 'c2', name: 'g', arguments: 'text', custom: true, namespace: 'n' },
            other({ type: 'web_search_call', id: 'ws_1', status: 'completed' }),
            {
              type: 'image',
              source: { kind: 'base64', mediaType: 'image/png', data: 'AAAA' },
              extra: { wire: 'openai-responses', fields: { id: 'ig_1', status: 'completed' } },
            },
          ],
        },
      ],
    ],
    [
      'outputs of tools',
      [
        { type: 'function_call_output', call_id: 'c1', output: 'ok' },
        {
          type: 'function_call_output',
          call_id: 'c2',
          output: [
            { type: 'input_text', text: 'see' },
            { type: 'input_image', image_url: PNG },
          ],
        },
        { type: 'custom_tool_call_output', call_id: 'c3', output: 'done' },
        { type: 'local_shell_call_output', id: 'l', output: '' },
      ],
      [
        { role: 'tool', toolCallId: 'c1', content: [{ type: 'text', text: 'ok' }] },
        {
          role: 'tool',
          toolCallId: 'c2',
          content: [
            { type: 'text', text: 'see' },
            { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'AAAA' } },
          ],
        },
        { role: 'tool', toolCallId: 'c3', content: [{ type: 'text', text: 'done' }], custom: true },
        otherMessage({ type: 'local_shell_call_output', id: 'l', output: '' }),
      ],
    ],
    [
      'reasoning in several texts and of several kinds',
      [
        {
          type: 'reasoning',
          summary: [
            { type: 'summary_text', text: 'A' },
            { type: 'summary_text', text: 'B' },
          ],
        },
        { type: 'reasoning', summary: [], content: [{ type: 'reasoning_text', text: 'raw' }] },
        { type: 'reasoning', summary: [{ type: 'summary_text', text: 'own' }], encrypted_content: 's:sig' },
        { type: 'reasoning', summary: [], encrypted_content: 'e=rs%3A1:enc' },
      ],
      [
        {
          role: 'assistant',
          content: [
            { type: 'reasoning', text: 'A', summary: true },
            { type: 'reasoning', text: 'B', summary: true },
            { type: 'reasoning', text: 'raw' },
            { type: 'reasoning', text: 'own', signature: { value: 'sig' } },
            { type: 'reasoning', text: '', id: 'rs:1', encrypted: { value: 'enc' } },
          ],
        },
      ],
    ],
  ])('%s', (_name, input, messages) => {
    expect(JSON.parse(JSON.stringify(messagesOf(input)))).toEqual(messages);
  });

  it.each<[string, JsonObject, string, string]>([
    [
      'an item that was kept',
      { input: [{ type: 'item_reference', id: 'x' }] },
      'unsupported_parameter',
      'input[0]',
    ],
    [
      'an answer before',
      { input: '', previous_response_id: 'r' },
      'unsupported_parameter',
      'previous_response_id',
    ],
    ['work in the background', { input: '', background: true }, 'unsupported_parameter', 'background'],
    ['a conversation', { input: '', conversation: 'c' }, 'unsupported_parameter', 'conversation'],
    ['a prompt', { prompt: { id: 'p' } }, 'unsupported_parameter', 'prompt'],
    ['no input', {}, 'missing_required_parameter', 'input'],
    ['input of another type', { input: 5 }, 'invalid_type', 'input'],
    ['an item of another type', { input: ['x'] }, 'invalid_type', 'input[0]'],
    [
      'content of another type',
      { input: [{ role: 'user', content: 5 }] },
      'invalid_type',
      'input[0].content',
    ],
    [
      'a part without its text',
      { input: [{ role: 'user', content: [{ type: 'input_text' }] }] },
      'missing_required_parameter',
      'input[0].content[0].text',
    ],
    [
      'a call without its id',
      { input: [{ type: 'function_call', name: 'f', arguments: '' }] },
      'missing_required_parameter',
      'input[0].call_id',
    ],
    [
      'a tool without a name',
      { input: '', tools: [{ type: 'function' }] },
      'missing_required_parameter',
      'tools[0].name',
    ],
  ])('refuses %s', (_name, body, code, param) => {
    const reading = () => read({ model: 'm', ...body });
    expect(reading).toThrow(GatewayError);
    expect(reading).toThrow(expect.objectContaining({ code, param }) as Error);
  });

  it.each(['background', 'conversation', 'previous_response_id', 'prompt'])(
    'takes %s that is null',
    (name) => {
      expect(read({ model: 'm', input: '', [name]: null }).extra).toBeUndefined();
    },
  );
});

describe('answers of tools', () => {
  const call = (id: string) => ({ type: 'function_call', call_id: id, name: 'f', arguments: '{}' });
  const answer = (id: string, output = id) => ({ type: 'function_call_output', call_id: id, output });
  const user = { role: 'user', content: 'Go on.' };
  const order = (...input: unknown[]) =>
    messagesOf(input).map((message) => {
      if (message.role === 'tool') return message.toolCallId;
      if (message.role !== 'assistant') return message.role;
      return message.content.map((part) => (part.type === 'tool_call' ? part.id : part.type)).join(' ');
    });

  it.each([
    ['the user spoke', [call('a'), user, answer('a')], ['a', 'a', 'user']],
    [
      'the model went on',
      [call('a'), call('b'), answer('b'), { role: 'assistant', content: 'So.' }, answer('a'), user],
      ['a b', 'b', 'a', 'text', 'user'],
    ],
    [
      'an id came again',
      [call('a'), answer('a'), user, call('a'), answer('a')],
      ['a', 'a', 'user', 'a', 'a'],
    ],
    ['nobody asked', [user, answer('x')], ['user', 'x']],
  ])('stand behind their calls, as no other API lets them stand apart: %s', (_what, input, expected) => {
    expect(order(...input)).toEqual(expected);
  });
});

describe('parameters', () => {
  it('are read from their places', () => {
    const request = read({
      model: 'm',
      input: 'x',
      instructions: 'I',
      max_output_tokens: 9,
      temperature: 0,
      top_p: 0.5,
      top_logprobs: 2,
      include: ['reasoning.encrypted_content', 'message.output_text.logprobs'],
      metadata: { a: 'b' },
      safety_identifier: 'u',
      prompt_cache_key: 'k',
      service_tier: 'flex',
      parallel_tool_calls: false,
      reasoning: { effort: 'high', summary: 'auto' },
      text: {
        format: { type: 'json_schema', name: 'n', schema: { type: 'object' }, strict: true },
        verbosity: 'low',
      },
      store: false,
      truncation: 'disabled',
      stream: true,
      stream_options: { include_obfuscation: false },
    });
    expect(JSON.parse(JSON.stringify({ ...request, echo: undefined }))).toEqual({
      model: 'm',
      messages: [
        { role: 'system', content: [{ type: 'text', text: 'I' }] },
        { role: 'user', content: [{ type: 'text', text: 'x' }] },
      ],
      tools: [],
      parallelToolCalls: false,
      sampling: { temperature: 0, topP: 0.5, maxOutputTokens: 9, logprobs: true, topLogprobs: 2 },
      reasoning: { effort: 'high', summary: 'auto' },
      responseFormat: { type: 'json_schema', name: 'n', schema: { type: 'object' }, strict: true },
      endUser: 'u',
      metadata: { a: 'b' },
      serviceTier: 'flex',
      verbosity: 'low',
      cacheKey: 'k',
      stream: true,
      includeUsage: true,
    });
  });

  it('that ask for more than is done stay, so that they are named', () => {
    const fields = {
      store: true,
      truncation: 'auto',
      include: ['file_search_call.results'],
      max_tool_calls: 3,
      stream_options: { include_obfuscation: true },
      safety_identifier: 's',
      text: { x: 1 },
      reasoning: { context: 'auto' },
    };
    expect(read({ model: 'm', input: '', user: 'u', ...fields }).extra?.fields).toEqual(fields);
  });

  const f = { type: 'function', name: 'f', parameters: { type: 'object' } };
  const g = {
    type: 'custom',
    name: 'g',
    format: { type: 'grammar', syntax: 'lark', definition: 'start: "a"' },
  };
  const web = { type: 'web_search' };
  it.each<[string, JsonObject, unknown, unknown]>([
    ['none given', {}, [], undefined],
    ['of each kind', { tools: [f, g, web] }, [f, g, other(web)], undefined],
    [
      'in groups',
      { tools: [{ type: 'namespace', name: 'n', description: 'About.', tools: [f, g] }] },
      [
        { ...f, namespace: 'n', description: 'About.' },
        { ...g, namespace: 'n' },
      ],
      undefined,
    ],
    [
      'inside input items, the later one of a name',
      {
        tools: [f],
        input: [{ type: 'additional_tools', role: 'developer', tools: [{ ...f, strict: true }, g] }],
      },
      [{ ...f, strict: true }, g],
      undefined,
    ],
    [
      'one chosen',
      { tools: [f], tool_choice: { type: 'function', name: 'f' } },
      [f],
      { type: 'function', name: 'f' },
    ],
    [
      'one custom chosen',
      { tools: [g], tool_choice: { type: 'custom', name: 'g' } },
      [g],
      { type: 'custom', name: 'g' },
    ],
    ['some needed', { tools: [f], tool_choice: 'required' }, [f], { type: 'required' }],
    [
      'some allowed',
      {
        tools: [f, g, web],
        tool_choice: { type: 'allowed_tools', mode: 'required', tools: [{ type: 'custom', name: 'g' }, web] },
      },
      [g, other(web)],
      { type: 'required' },
    ],
    ['a built-in one chosen', { tools: [web], tool_choice: web }, [other(web)], other(web)],
  ])('tools: %s', (_name, body, tools, toolChoice) => {
    const request = read({ model: 'm', input: '', ...body });
    expect(JSON.parse(JSON.stringify(request.tools))).toEqual(tools);
    expect(request.toolChoice).toEqual(toolChoice);
  });

  function other(value: unknown) {
    return { type: 'other', original: { wire: 'openai-responses', value } };
  }
});

describe('a coding agent', () => {
  /** Of the form that command-line agents send: no store, everything anew each turn, tools of every kind. */
  const FIRST = {
    model: 'm',
    instructions: 'You are a coding agent.',
    input: [
      { type: 'message', role: 'developer', content: [{ type: 'input_text', text: 'Sandbox: on.' }] },
      {
        type: 'message',
        role: 'user',
        content: [
          { type: 'input_text', text: 'Fix what the picture shows.' },
          { type: 'input_image', image_url: PNG },
        ],
      },
    ],
    tools: [
      {
        type: 'function',
        name: 'shell',
        description: 'Runs a command.',
        strict: false,
        parameters: { type: 'object', properties: { command: { type: 'array', items: { type: 'string' } } } },
      },
      {
        type: 'custom',
        name: 'apply_patch',
        description: 'Edits.',
        format: { type: 'grammar', syntax: 'lark', definition: 'x' },
      },
      {
        type: 'namespace',
        name: 'mcp__docs',
        description: '',
        tools: [{ type: 'function', name: 'find', parameters: {} }],
      },
    ],
    tool_choice: 'auto',
    parallel_tool_calls: false,
    reasoning: { effort: 'medium', summary: 'auto' },
    store: false,
    stream: true,
    include: ['reasoning.encrypted_content'],
    prompt_cache_key: '0b1c',
    text: { verbosity: 'low' },
  };

  it('is read without a rest', () => {
    const request = read(FIRST);
    expect(request.extra).toBeUndefined();
    expect(request.messages.map(({ role }) => role)).toEqual(['system', 'developer', 'user']);
    expect(request.tools).toMatchObject([
      { type: 'function', name: 'shell', strict: false },
      { type: 'custom', name: 'apply_patch' },
      { type: 'function', name: 'find', namespace: 'mcp__docs' },
    ]);
  });

  it('hands back what it was answered, turn by turn, and gets the same parts read', () => {
    const stop = {
      reason: 'tool_calls',
      original: { wire: 'anthropic-messages', value: 'tool_use' },
    } as const;
    const turns: ChatAnswer['choices'][number]['content'][] = [
      [
        { type: 'reasoning', text: 'Hm.', signature: { value: 'bo1.sig' } },
        { type: 'text', text: 'I look.' },
        { type: 'tool_call', id: 'c1', name: 'shell', arguments: '{"command":["ls"]}' },
        { type: 'tool_call', id: 'c2', name: 'find', namespace: 'mcp__docs', arguments: '{}' },
      ],
      [
        { type: 'reasoning', text: '', encrypted: { value: 'bo1.enc' } },
        { type: 'tool_call', id: 'c3', name: 'apply_patch', arguments: '*** Begin Patch', custom: true },
      ],
      [{ type: 'text', text: 'Done.' }],
    ];
    let input: readonly unknown[] = FIRST.input;
    let before: readonly ChatMessage[] = read(FIRST).messages;
    turns.forEach((content, index) => {
      const request = read({ ...FIRST, input });
      const answer = { id: `msg_${index}`, model: 'm', created: 1, choices: [{ index: 0, content, stop }] };
      const { value, dropped } = surface.writeAnswer(answer, request);
      expect(dropped).toEqual([]);
      const output = Array.isArray(value.output) ? (value.output as unknown[]) : [];
      input = [...input, ...output, ...output.flatMap(answerCall)];
      const { messages } = read({ ...FIRST, input });
      // What was said before stands unchanged at the front.
      expect(messages.slice(0, before.length)).toEqual(before);
      const turn = messages[before.length];
      expect(turn?.role === 'assistant' && JSON.parse(JSON.stringify(turn.content))).toEqual(content);
      before = messages;
    });
    expect(before.filter(({ role }) => role === 'tool')).toHaveLength(3);
  });

  /** The client runs what is called, and shows a picture of it. */
  function answerCall(item: unknown): unknown[] {
    if (!isObject(item)) return [];
    const output = [
      { type: 'input_text', text: 'ok' },
      { type: 'input_image', image_url: PNG },
    ];
    if (item.type === 'function_call')
      return [{ type: 'function_call_output', call_id: item.call_id, output }];
    if (item.type !== 'custom_tool_call') return [];
    return [{ type: 'custom_tool_call_output', call_id: item.call_id, output: 'patched' }];
  }
});
