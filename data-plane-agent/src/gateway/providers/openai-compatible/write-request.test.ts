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
  ])('%s: thinking as asked by %o', (preset, reasoning, thinking, named) => {
    const { value, dropped } = write(preset, { reasoning });
    expect(value.thinking).toEqual(thinking);
    expect(dropped.filter((name) => name.startsWith('reasoning'))).toEqual(named);
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
