import { PROVIDER_PRESETS, providerPreset } from '@bonito/protocol';
import { describe, expect, it } from 'vitest';
import type { ChatMessage, ChatRequest } from '../../chat/chat-request.ts';
import { readReasoning } from './read-parts.ts';
import { serverTraits } from './server-traits.ts';
import { writeRequest } from './write-request.ts';

const text = (words: string) => ({ type: 'text', text: words }) as const;
const image = { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'AA' } } as const;
const wire = 'anthropic-messages';

const messages: readonly ChatMessage[] = [
  { role: 'system', content: [{ ...text('rules'), cache: { ttl: '1h' } }] },
  { role: 'developer', content: [text('more rules')], name: 'boss' },
  { role: 'user', content: [text('look'), image], name: 'ann' },
  {
    role: 'assistant',
    content: [
      { type: 'reasoning', text: 'thought', signature: { value: 'sig' } },
      text('calling'),
      { type: 'tool_call', id: 'toolu_1', name: 'shot', arguments: '' },
      { type: 'tool_call', id: 'toolu_2', name: 'patch', arguments: 'free text', custom: true },
    ],
  },
  { role: 'tool', toolCallId: 'toolu_1', content: [text('done'), image], cache: {} },
  { role: 'tool', toolCallId: 'toolu_2', content: [text('failed')], isError: true },
  { role: 'user', content: [text('and now?')] },
];

const request: ChatRequest = {
  model: 'asked',
  messages,
  tools: [
    { type: 'function', name: 'shot', parameters: { type: 'object' }, strict: true, cache: {} },
    { type: 'custom', name: 'patch', format: { type: 'grammar' } },
    { type: 'function', name: 'find', namespace: 'files' },
    { type: 'other', original: { wire, value: { type: 'web_search' } } },
  ],
  toolChoice: { type: 'required' },
  parallelToolCalls: false,
  sampling: {
    maxOutputTokens: 9,
    seed: 1,
    topK: 2,
    choices: 2,
    logitBias: {},
    logprobs: true,
    topLogprobs: 1,
  },
  reasoning: { effort: 'high', budgetTokens: 100 },
  responseFormat: { type: 'json_schema', name: 'n', schema: { type: 'object' } },
  endUser: 'u',
  metadata: { a: 'b' },
  stream: true,
  includeUsage: false,
};

function frozen<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(frozen);
  return value;
}

function write(preset: string, changes: Partial<ChatRequest> = {}) {
  return writeRequest({ ...request, ...changes }, 'upstream', serverTraits(providerPreset(preset)));
}

describe('writeRequest', () => {
  it('writes all that OpenAI takes and names the rest', () => {
    const { value, dropped } = write('openai');
    expect(value).toMatchObject({
      model: 'upstream',
      max_completion_tokens: 9,
      seed: 1,
      n: 2,
      logprobs: true,
      top_logprobs: 1,
      reasoning_effort: 'high',
      parallel_tool_calls: false,
      tool_choice: 'required',
      user: 'u',
      metadata: { a: 'b' },
      stream: true,
      stream_options: { include_usage: true },
      tools: [
        { type: 'function', function: { name: 'shot', parameters: { type: 'object' }, strict: true } },
        { type: 'custom', custom: { name: 'patch', format: { type: 'grammar' } } },
        { type: 'function', function: { name: 'files__find' } },
      ],
    });
    expect(value.messages).toEqual([
      { role: 'system', content: 'rules' },
      { role: 'developer', content: 'more rules', name: 'boss' },
      {
        role: 'user',
        name: 'ann',
        content: [text('look'), { type: 'image_url', image_url: { url: 'data:image/png;base64,AA' } }],
      },
      {
        role: 'assistant',
        content: 'calling',
        tool_calls: [
          { id: 'toolu_1', type: 'function', function: { name: 'shot', arguments: '{}' } },
          { id: 'toolu_2', type: 'custom', custom: { name: 'patch', input: 'free text' } },
        ],
      },
      { role: 'tool', tool_call_id: 'toolu_1', content: 'done' },
      { role: 'tool', tool_call_id: 'toolu_2', content: 'failed' },
      {
        role: 'user',
        content: [
          text('Output of tool call toolu_1:'),
          { type: 'image_url', image_url: { url: 'data:image/png;base64,AA' } },
        ],
      },
      { role: 'user', content: 'and now?' },
    ]);
    expect([...dropped].sort()).toEqual([
      'messages[0].content[0].cache_control',
      'messages[3].reasoning',
      'messages[3].reasoning.signature',
      'messages[4].cache_control',
      'messages[5].is_error',
      'reasoning.budget_tokens',
      'tools[0].cache_control',
      'tools[3]',
      'top_k',
    ]);
  });

  it('keeps cache hints and signatures where OpenRouter has them', () => {
    const { value, dropped } = write('openrouter', { reasoning: { budgetTokens: 100 } });
    expect(value).toMatchObject({
      reasoning: { max_tokens: 100 },
      messages: [
        { content: [{ text: 'rules', cache_control: { type: 'ephemeral', ttl: '1h' } }] },
        {},
        {},
        {
          reasoning: 'thought',
          reasoning_details: [{ type: 'reasoning.text', text: 'thought', signature: 'sig' }],
        },
        { role: 'tool', content: [{ type: 'text', text: 'done', cache_control: { type: 'ephemeral' } }] },
        {},
        {},
        {},
      ],
    });
    expect(dropped.filter((name) => name.includes('cache') || name.includes('reasoning'))).toEqual([]);
  });

  it('gives OpenRouter its state back with the format that it named', () => {
    const details = [
      { type: 'reasoning.text', text: 't', signature: 's', id: 'a' },
      { type: 'reasoning.encrypted', data: 'd', format: 'openai-responses-v1', id: 'b' },
      { type: 'reasoning.summary', summary: 'short' },
    ];
    const content = readReasoning({ reasoning_details: details });
    const { value } = write('openrouter', { messages: [{ role: 'assistant', content }] });
    expect(value.messages).toMatchObject([{ reasoning_details: details }]);
    // Wires without ids of reasoning hand the state back alone.
    const [, encrypted] = content.map(({ id: _lost, ...part }) => part);
    const bare = write('openrouter', {
      messages: [{ role: 'assistant', content: encrypted ? [encrypted] : [] }],
    });
    expect(bare.value.messages).toMatchObject([{ reasoning_details: [details[1]] }]);
  });

  it("names a call of Gemini's in OpenRouter's details by the id that it is sent with", () => {
    const id = `tool_0_${'x'.repeat(50)}`;
    const detail = { type: 'reasoning.encrypted', data: 'd', format: 'google-gemini-v1', id };
    const content = [
      ...readReasoning({ reasoning_details: [detail] }),
      { type: 'tool_call', id, name: 'f', arguments: '{}' } as const,
    ];
    const { value } = write('openrouter', { messages: [{ role: 'assistant', content }] });
    const [said] = value.messages as { reasoning_details: { id: string }[]; tool_calls: { id: string }[] }[];
    expect(said?.reasoning_details[0]?.id).toBe(said?.tool_calls[0]?.id);
    expect(said?.tool_calls[0]?.id.length).toBeLessThanOrEqual(40);
  });

  it("keeps to Mistral's words", () => {
    const { value, dropped } = write('mistral');
    const [system, developer, , assistant, tool] = value.messages as {
      role: string;
      tool_call_id?: string;
      tool_calls?: { id: string; function: { arguments: string } }[];
    }[];
    expect([system?.role, developer?.role]).toEqual(['system', 'system']);
    expect(value).toMatchObject({ random_seed: 1, max_tokens: 9 });
    expect(tool?.tool_call_id).toMatch(/^[a-zA-Z0-9]{9}$/);
    expect(assistant?.tool_calls?.[0]?.id).toBe(tool?.tool_call_id);
    expect(assistant?.tool_calls?.[1]?.function.arguments).toBe('{"input":"free text"}');
    for (const name of ['stream_options', 'seed', 'logit_bias', 'top_k', 'user'])
      expect(value).not.toHaveProperty(name);
    expect(dropped).toEqual(
      expect.arrayContaining(['logit_bias', 'top_k', 'user', 'messages[2].name', 'tools[1].format']),
    );
  });

  it('puts a word between a tool and a user where the server refuses one after the other', () => {
    const roles = (preset: string) =>
      (write(preset).value.messages as { role: string }[]).map(({ role }) => role).join(' ');
    const bridged = 'system system user assistant tool tool assistant user user';
    expect(roles('mistral')).toBe(bridged);
    expect(roles('deepseek')).toBe(bridged.replace('tool assistant', 'tool'));
    expect(write('mistral').dropped).toContain('messages.turn');
    expect(write('deepseek').dropped).not.toContain('messages.turn');
  });

  it('marks words of the assistant that the model is to go on with, where the server wants a mark', () => {
    const begun: ChatMessage = { role: 'assistant', content: [text('Once')] };
    const last = (preset: string) => write(preset, { messages: [...messages, begun] }).value.messages;
    expect(last('mistral')).toMatchObject({ 9: { role: 'assistant', content: 'Once', prefix: true } });
    expect(JSON.stringify(last('groq'))).not.toContain('prefix');
    expect(JSON.stringify(write('mistral').value)).not.toContain('prefix');
  });

  it('takes out what only answers have, where the server refuses it', () => {
    const extra = {
      wire: 'openai-chat',
      fields: { annotations: [], audio: null, images: [1], name: 'n' },
    } as const;
    const said: ChatMessage = {
      role: 'assistant',
      content: [text('a'), { type: 'refusal', text: 'no' }],
      extra,
    };
    const { value, dropped } = write('groq', { messages: [said] });
    expect(value.messages).toEqual([{ role: 'assistant', content: 'a', name: 'n' }]);
    expect(dropped).toEqual(expect.arrayContaining(['messages[0].refusal', 'messages[0].images']));
    expect(write('openai', { messages: [said] }).value.messages).toMatchObject([
      { refusal: 'no', images: [1] },
    ]);
  });

  it.each<[string, string, string | undefined]>([
    ['openai', 'max', 'max'],
    ['mistral', 'high', 'high'],
    ['mistral', 'medium', undefined],
    ['groq', 'xhigh', undefined],
    ['xai', 'max', undefined],
    ['deepseek', 'max', 'max'],
  ])('%s: effort %s', (preset, effort, sent) => {
    const { value, dropped } = write(preset, { reasoning: { effort } });
    expect(value.reasoning_effort).toBe(sent);
    expect(dropped.includes('reasoning.effort')).toBe(sent === undefined);
  });

  it('fits long names and ids to the wire, the same in every place', () => {
    const name = `mcp__${'x'.repeat(90)}`;
    const id = `call_${'y'.repeat(60)}`;
    const { value } = write('openai', {
      tools: [{ type: 'function', name }],
      toolChoice: { type: 'function', name },
      messages: [
        { role: 'assistant', content: [{ type: 'tool_call', id, name, arguments: '{}' }] },
        { role: 'tool', toolCallId: id, content: [text('a')] },
      ],
    });
    const names = [...JSON.stringify(value).matchAll(/"name":"(mcp[^"]+)"/g)].map((match) => match[1]);
    expect(names).toHaveLength(3);
    expect(new Set(names).size).toBe(1);
    expect(names[0]).toMatch(/^mcp__x+_[0-9a-f]{8}$/);
    expect(names[0]?.length).toBeLessThanOrEqual(64);
    const ids = [...JSON.stringify(value).matchAll(/"(?:id|tool_call_id)":"([^"]+)"/g)].map(
      (match) => match[1],
    );
    expect(new Set(ids).size).toBe(1);
    expect(ids[0]?.length).toBeLessThanOrEqual(40);
  });

  it.each<[string, ChatRequest['reasoning'], unknown, string[]]>([
    ['deepseek', { mode: 'disabled' }, { type: 'disabled' }, []],
    ['deepseek', { mode: 'enabled', budgetTokens: 9 }, { type: 'enabled' }, ['reasoning.budget_tokens']],
    ['deepseek', { mode: 'enabled', effort: 'high' }, undefined, []],
    ['databricks', { mode: 'enabled', budgetTokens: 9 }, { type: 'enabled', budget_tokens: 9 }, []],
    ['groq', { mode: 'disabled' }, undefined, ['reasoning.mode']],
    ['groq', { mode: 'disabled', effort: 'high' }, undefined, ['reasoning.effort', 'reasoning.mode']],
    ['deepseek', { mode: 'disabled', effort: 'high' }, { type: 'disabled' }, ['reasoning.effort']],
  ])('%s: thinking as asked by %o', (preset, reasoning, thinking, named) => {
    const { value, dropped } = write(preset, { reasoning });
    expect(value.thinking).toEqual(thinking);
    if (named.includes('reasoning.effort')) expect(value).not.toHaveProperty('reasoning_effort');
    expect(dropped.filter((name) => name.startsWith('reasoning'))).toEqual(named);
  });

  it('promises nothing where a member may be left out', () => {
    const schema = { type: 'object', properties: { a: { type: 'string' } }, additionalProperties: false };
    const { value, dropped } = write('openai', {
      tools: [{ type: 'function', name: 'f', strict: true, optionalMembers: true, parameters: schema }],
      responseFormat: { type: 'json_schema', name: 'n', schema, strict: true, optionalMembers: true },
    });
    expect(value).toMatchObject({
      tools: [{ function: { name: 'f', parameters: schema, strict: false } }],
      response_format: { json_schema: { name: 'n', schema, strict: false } },
    });
    expect(dropped).toEqual(
      expect.arrayContaining(['tools[0].strict', 'response_format.json_schema.strict']),
    );
  });

  it('leaves out a turn of which nothing can be said: an empty one is refused', () => {
    const original = { wire: 'openai-responses', value: { type: 'web_search_call' } } as const;
    const turns: ChatMessage[] = [
      { role: 'assistant', content: [{ type: 'reasoning', text: 'Hm.', encrypted: { value: 'E' } }] },
      { role: 'assistant', content: [{ type: 'other', original }] },
      { role: 'assistant', content: [text('')] },
    ];
    const user: ChatMessage = { role: 'user', content: [text('Go on.')] };
    const asked = { ...request, tools: [], messages: [user, ...turns, user] };
    const { value, dropped } = writeRequest(asked, 'm', serverTraits(providerPreset('openai')));
    expect(value.messages).toEqual([
      { role: 'user', content: 'Go on.' },
      { role: 'assistant', content: '' },
      { role: 'user', content: 'Go on.' },
    ]);
    expect(dropped).toEqual(
      expect.arrayContaining([
        'messages[1].reasoning',
        'messages[1].reasoning.encrypted',
        'messages[2].content[0]',
      ]),
    );
  });

  it("has a thought with each of DeepSeek's turns, be it an empty one", () => {
    const call = { type: 'tool_call', id: 'c', name: 'f', arguments: '{}' } as const;
    const said = (preset: string, part: typeof call | ReturnType<typeof text>) =>
      write(preset, { messages: [{ role: 'assistant', content: [part] }] }).value.messages;
    expect(said('deepseek', call)).toMatchObject([{ reasoning_content: '', tool_calls: [{ id: 'c' }] }]);
    expect(said('deepseek', text('a'))).toEqual([{ role: 'assistant', content: 'a', reasoning_content: '' }]);
    expect(JSON.stringify(said('generic', call))).not.toContain('reasoning');
  });

  it('has a grammar one level deeper than agents of the Responses API send it', () => {
    const format = { type: 'grammar', syntax: 'lark', definition: 'start: a' };
    const { value } = write('openai', { tools: [{ type: 'custom', name: 'patch', format }] });
    const grammar = { syntax: 'lark', definition: 'start: a' };
    const custom = { name: 'patch', format: { type: 'grammar', grammar } };
    expect(value.tools).toEqual([{ type: 'custom', custom }]);
  });

  it('names a form of answer that the server does not take', () => {
    const { value, dropped } = write('perplexity', { responseFormat: { type: 'json' } });
    expect(value).not.toHaveProperty('response_format');
    expect(dropped).toContain('response_format');
    expect(write('perplexity').value).toMatchObject({ response_format: { type: 'json_schema' } });
  });

  it('asks for JSON in place of a schema only where a message says the word', () => {
    const asked = (words: string) =>
      write('deepseek', { messages: [{ role: 'user', content: [text(words)] }] });
    expect(asked('Answer as JSON.').value).toMatchObject({ response_format: { type: 'json_object' } });
    const { value, dropped } = asked('Answer.');
    expect(value).not.toHaveProperty('response_format');
    expect(dropped).toContain('response_format.json_schema');
  });

  it.each(PROVIDER_PRESETS.map(({ name }) => name))(
    '%s: the same each time, each turn standing in the next one',
    (name) => {
      const before = frozen(structuredClone(request));
      const server = serverTraits(providerPreset(name));
      const whole = writeRequest(before, 'm', server);
      expect(writeRequest(before, 'm', server)).toEqual(whole);
      const written = JSON.stringify(whole.value.messages);
      // A turn ends before the model's answer; what tools say belongs together.
      for (const count of [1, 2, 3, 6, 7]) {
        const turn = writeRequest({ ...before, messages: messages.slice(0, count) }, 'm', server);
        expect(written.startsWith(JSON.stringify(turn.value.messages).slice(0, -1))).toBe(true);
        expect(turn.value.tools).toEqual(whole.value.tools);
      }
      for (const field of server.lacks) {
        if (!field.includes('.')) expect(whole.value).not.toHaveProperty(field);
      }
    },
  );
});
