import { describe, expect, it } from 'vitest';
import type { ChatMessage, ChatRequest } from '../../chat/chat-request.ts';
import { writeRequest } from './write-request.ts';

const text = (words: string) => ({ type: 'text', text: words }) as const;
const say = (words: string): ChatMessage => ({ role: 'user', content: [text(words)] });
const HELLO: ChatRequest = {
  model: 'm',
  messages: [say('hello')],
  tools: [],
  sampling: {},
  stream: false,
  includeUsage: true,
};
const WEATHER = { type: 'function', name: 'weather', parameters: { type: 'object' } } as const;
const TREE = { type: 'object', properties: { children: { type: 'array', items: { $ref: '#' } } } };
const SCHEMA = { type: 'object', properties: {}, additionalProperties: false };

function write(more: Partial<ChatRequest>, model = 'claude-sonnet-4-5') {
  const { value, dropped } = writeRequest({ ...HELLO, ...more }, model);
  return { ...value, dropped } as Record<string, unknown>;
}

describe('what differs from model to model', () => {
  it.each<[string, Partial<ChatRequest>, string, object]>([
    ['no limit asked of Claude 3', {}, 'claude-3-haiku-20240307', { max_tokens: 4_096 }],
    ['no limit asked of Claude 4.5', {}, 'claude-sonnet-4-5', { max_tokens: 64_000 }],
    ['no limit asked of an unknown one', {}, 'my-alias', { max_tokens: 8_192 }],
    ['a limit of its own', { sampling: { maxOutputTokens: 9 } }, 'claude-opus-5', { max_tokens: 9 }],
    [
      'temperature and top_p at once, where one is taken',
      { sampling: { temperature: 0.2, topP: 0.9 } },
      'claude-haiku-4-5',
      { temperature: 0.2, top_p: undefined, dropped: ['top_p'] },
    ],
    [
      'both of them, where both are taken',
      { sampling: { temperature: 0.2, topP: 0.9, topK: 4 } },
      'claude-sonnet-4-20250514',
      { temperature: 0.2, top_p: 0.9, top_k: 4, dropped: [] },
    ],
    [
      'a top_p that leaves nothing out',
      { sampling: { temperature: 0.2, topP: 1 } },
      'claude-sonnet-4-5',
      { temperature: 0.2, top_p: undefined, dropped: [] },
    ],
    [
      'sampling, where it is refused',
      { sampling: { temperature: 0.2, topP: 0.9, topK: 4 } },
      'claude-opus-4-7',
      {
        temperature: undefined,
        top_p: undefined,
        top_k: undefined,
        dropped: ['temperature', 'top_p', 'top_k'],
      },
    ],
    [
      'what sampling is unasked, where it is refused',
      { sampling: { temperature: 1, topP: 1 } },
      'claude-opus-4-7',
      { temperature: undefined, top_p: undefined, dropped: [] },
    ],
    [
      'a temperature beyond the scale',
      { sampling: { temperature: 1.5 } },
      'claude-sonnet-4-5',
      { temperature: 1, dropped: ['temperature'] },
    ],
    [
      'effort, where there is no thinking',
      { reasoning: { effort: 'high' } },
      'claude-3-5-haiku-20241022',
      { thinking: undefined, dropped: ['reasoning_effort'] },
    ],
    [
      'effort as a budget within the limit',
      { reasoning: { effort: 'high' } },
      'claude-sonnet-4-5',
      { max_tokens: 64_000, thinking: { type: 'enabled', budget_tokens: 24_576 }, dropped: [] },
    ],
    [
      'effort as a budget, at an unknown one',
      { reasoning: { effort: 'low' } },
      'my-alias',
      { max_tokens: 9_216, thinking: { type: 'enabled', budget_tokens: 1_024 } },
    ],
    [
      'a budget, where both are taken',
      { reasoning: { budgetTokens: 2_000 } },
      'claude-opus-4-6',
      { thinking: { type: 'enabled', budget_tokens: 2_000 }, dropped: [] },
    ],
    [
      'a budget, where it is refused',
      { reasoning: { budgetTokens: 2_000 } },
      'claude-opus-4-7',
      { thinking: { type: 'adaptive' }, dropped: ['reasoning.budget_tokens'] },
    ],
    [
      'effort as such',
      { reasoning: { effort: 'xhigh' } },
      'claude-opus-4-7',
      { thinking: { type: 'adaptive' }, output_config: { effort: 'xhigh' }, dropped: [] },
    ],
    [
      'an effort that the model has no word for',
      { reasoning: { effort: 'xhigh' } },
      'claude-opus-4-6',
      { output_config: { effort: 'high' }, dropped: ['reasoning_effort'] },
    ],
    [
      'the least effort, for which there is no word',
      { reasoning: { effort: 'minimal' } },
      'claude-opus-4-7',
      { output_config: { effort: 'low' }, dropped: ['reasoning_effort'] },
    ],
    [
      'an effort that nobody knows',
      { reasoning: { effort: 'utmost' } },
      'claude-opus-4-7',
      { thinking: { type: 'adaptive' }, output_config: undefined, dropped: ['reasoning_effort'] },
    ],
    [
      'thinking as it sees fit, with a forced tool',
      { reasoning: { effort: 'low' }, tools: [WEATHER], toolChoice: { type: 'required' } },
      'claude-opus-4-6',
      { thinking: { type: 'adaptive' }, tool_choice: { type: 'any' }, dropped: [] },
    ],
    [
      'a budget with a forced tool',
      { reasoning: { effort: 'low' }, tools: [WEATHER], toolChoice: { type: 'required' } },
      'claude-sonnet-4-5',
      { thinking: undefined, tool_choice: { type: 'any' }, dropped: ['reasoning_effort'] },
    ],
    [
      'thoughts to be seen, where they are not unasked',
      { reasoning: { effort: 'low', summary: 'auto' } },
      'claude-opus-4-8',
      { thinking: { type: 'adaptive', display: 'summarized' } },
    ],
    [
      'thoughts to be seen, where they are',
      { reasoning: { effort: 'low', summary: 'detailed' } },
      'claude-opus-4-6',
      { thinking: { type: 'adaptive' } },
    ],
    [
      'no thinking',
      { reasoning: { effort: 'none' } },
      'claude-opus-5',
      { thinking: { type: 'disabled' }, dropped: [] },
    ],
    [
      'no thinking, where that has a word of its own',
      { reasoning: { effort: 'none' } },
      'claude-sonnet-5-5',
      { thinking: { type: 'between_tools' }, dropped: [] },
    ],
    [
      'no thinking, with an effort of answering',
      { reasoning: { mode: 'disabled', effort: 'low' } },
      'claude-opus-4-8',
      { thinking: undefined, output_config: { effort: 'low' }, dropped: [] },
    ],
    [
      'no thinking, with more effort than goes without',
      { reasoning: { mode: 'disabled', effort: 'max' } },
      'claude-opus-5',
      { thinking: { type: 'disabled' }, output_config: { effort: 'high' }, dropped: ['reasoning_effort'] },
    ],
    [
      'no thinking, with an effort that there is not',
      { reasoning: { mode: 'disabled', effort: 'low' } },
      'claude-sonnet-4-5',
      { thinking: { type: 'disabled' }, output_config: undefined, dropped: ['reasoning_effort'] },
    ],
    [
      'no thinking, where it does not think unasked',
      { reasoning: { effort: 'none' } },
      'claude-opus-4-8',
      { thinking: undefined, dropped: [] },
    ],
    [
      'no thinking, where it always thinks',
      { reasoning: { effort: 'none' } },
      'claude-fable-5',
      { thinking: undefined, dropped: ['reasoning_effort'] },
    ],
    [
      'no thinking, where it never thinks',
      { reasoning: { effort: 'none' } },
      'claude-3-haiku-20240307',
      { thinking: undefined, dropped: [] },
    ],
    [
      'a forced tool, where that is refused',
      { tools: [WEATHER], toolChoice: { type: 'function', name: 'weather' } },
      'claude-opus-5-5',
      { tool_choice: undefined, dropped: ['tool_choice'] },
    ],
    [
      'the same, one call at a time',
      { tools: [WEATHER], toolChoice: { type: 'required' }, parallelToolCalls: false },
      'claude-opus-5-5',
      { tool_choice: { type: 'auto', disable_parallel_tool_use: true }, dropped: ['tool_choice'] },
    ],
    [
      'JSON by a schema, where there is none',
      { responseFormat: { type: 'json_schema', name: 'r', schema: SCHEMA } },
      'claude-3-5-sonnet-20241022',
      { output_config: undefined, dropped: ['response_format'] },
    ],
    [
      'instructions alone',
      { messages: [{ role: 'system', content: [{ type: 'text', text: 'Greet.' }] }] },
      'claude-opus-5',
      {
        system: [{ type: 'text', text: 'Greet.' }],
        messages: [{ role: 'user', content: [{ type: 'text', text: '.' }] }],
        dropped: ['messages[1].turn'],
      },
    ],
    [
      'JSON by a schema that leads back to itself',
      { responseFormat: { type: 'json_schema', name: 'r', schema: TREE } },
      'claude-opus-5',
      { output_config: undefined, dropped: ['response_format'] },
    ],
    [
      'a strict tool whose schema leads back to itself',
      { tools: [{ ...WEATHER, strict: true, parameters: TREE }] },
      'claude-opus-5',
      { tools: [{ name: 'weather', input_schema: TREE }], dropped: ['tools[0].strict'] },
    ],
    [
      'strict tools, in the subset that is promised',
      {
        tools: [
          {
            ...WEATHER,
            strict: true,
            parameters: { type: 'object', properties: { days: { type: 'integer', minimum: 1 } } },
          },
        ],
      },
      'claude-sonnet-4-5',
      {
        tools: [
          {
            name: 'weather',
            strict: true,
            input_schema: {
              type: 'object',
              properties: { days: { type: 'integer' } },
              additionalProperties: false,
            },
          },
        ],
        dropped: ['tools[0].parameters.properties.days.minimum'],
      },
    ],
    [
      'strict tools, where there are none',
      { tools: [{ ...WEATHER, strict: true }] },
      'claude-3-5-sonnet-20241022',
      { tools: [{ name: 'weather', input_schema: { type: 'object' } }], dropped: ['tools[0].strict'] },
    ],
  ])('%s', (_name, more, model, expected) => {
    const written = write(more, model);
    for (const [name, value] of Object.entries(expected))
      expect([name, written[name]]).toEqual([name, value]);
  });
});

describe('a turn that goes on after calls without thinking', () => {
  const messages: ChatMessage[] = [
    say('w?'),
    { role: 'assistant', content: [{ type: 'tool_call', id: 'a', name: 'weather', arguments: '' }] },
    { role: 'tool', toolCallId: 'a', content: [text('dry')] },
  ];
  it.each([
    ['claude-sonnet-4-5', undefined, ['reasoning_effort']],
    ['claude-opus-4-8', { type: 'adaptive' }, []],
  ])('%s', (model, thinking, dropped) => {
    const written = write({ messages, reasoning: { effort: 'low' } }, model);
    expect([written.thinking, written.dropped]).toEqual([thinking, dropped]);
  });
});

describe('what is left out has a name', () => {
  const json = { type: 'json_schema', name: 'r', schema: SCHEMA } as const;
  it.each<[string, Partial<ChatRequest>, readonly string[]]>([
    ['a schema in full', { responseFormat: { ...json, strict: true } }, []],
    [
      "a schema's description",
      { responseFormat: { ...json, description: 'A report' } },
      ['response_format.json_schema.description'],
    ],
    [
      'a schema that need not be kept to',
      { responseFormat: { ...json, strict: false } },
      ['response_format.json_schema.strict'],
    ],
    ['words that are no words', { messages: [say('hi'), say('')] }, ['messages[1]']],
    [
      'an answer of nothing',
      { messages: [say('hi'), { role: 'assistant', content: [] }, say('go on')] },
      ['messages[1]'],
    ],
  ])('%s', (_name, more, dropped) => {
    expect(write(more).dropped).toEqual(dropped);
  });
});

describe('the turns', () => {
  const call = (id: string) => ({ type: 'tool_call', id, name: 'weather', arguments: '{}' }) as const;
  const result = (id: string): ChatMessage => ({ role: 'tool', toolCallId: id, content: [text(id)] });
  const told = (words: string): ChatMessage => ({ role: 'system', content: [text(words)] });
  const answer = (...content: Extract<ChatMessage, { role: 'assistant' }>['content']): ChatMessage => ({
    role: 'assistant',
    content,
  });
  /** Role and what stands in it, in few words. */
  const shape = (more: Partial<ChatRequest>, model: string) => {
    const { messages, dropped } = write(more, model);
    const turns = messages as { role: string; content: Record<string, string>[] }[];
    return {
      turns: turns.map((turn) => [
        turn.role,
        ...turn.content.map((block) => block.text ?? block.tool_use_id ?? block.id),
      ]),
      dropped,
    };
  };

  it.each<[string, ChatMessage[], string, unknown[], string[]]>([
    [
      'instructions between the results of one turn',
      [say('w?'), answer(call('a'), call('b')), result('a'), told('brief'), result('b'), say('so')],
      'claude-opus-4-8',
      [
        ['user', 'w?'],
        ['assistant', 'a', 'b'],
        ['user', 'a', 'b', 'so'],
        ['system', 'brief'],
      ],
      ['messages[3].position'],
    ],
    [
      'the same, where the model takes none',
      [say('w?'), answer(call('a'), call('b')), result('a'), told('brief'), result('b'), say('so')],
      'claude-sonnet-4-5',
      [
        ['user', 'w?'],
        ['assistant', 'a', 'b'],
        ['user', 'a', 'b', 'brief', 'so'],
      ],
      ['messages[3].role'],
    ],
    [
      'instructions in front of an answer, two in a row',
      [say('hi'), told('one'), told('two'), answer(text('yes')), say('so')],
      'claude-opus-5',
      [
        ['user', 'hi'],
        ['system', 'one', 'two'],
        ['assistant', 'yes'],
        ['user', 'so'],
      ],
      [],
    ],
    [
      'instructions behind an answer',
      [say('hi'), answer(text('yes')), told('one'), say('so')],
      'claude-opus-5',
      [
        ['user', 'hi'],
        ['assistant', 'yes'],
        ['user', 'so'],
        ['system', 'one'],
      ],
      ['messages[2].position'],
    ],
    [
      'instructions behind an answer, and nothing else',
      [say('hi'), answer(text('yes')), told('one')],
      'claude-opus-5',
      [
        ['user', 'hi'],
        ['assistant', 'yes'],
        ['user', 'one'],
      ],
      ['messages[2].role'],
    ],
  ])('%s', (_name, messages, model, turns, dropped) => {
    expect(shape({ messages }, model)).toEqual({ turns, dropped });
  });
});
