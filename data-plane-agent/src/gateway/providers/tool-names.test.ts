import { describe, expect, it } from 'vitest';
import type { ToolCallPart } from '../chat/chat-content.ts';
import type { ChatRequest } from '../chat/chat-request.ts';
import type { JsonObject } from '../chat/wire.ts';
import { anthropic } from './anthropic/anthropic.ts';
import { bedrock } from './bedrock/bedrock.ts';
import { bedrockTarget } from './bedrock/fixtures/bedrock-target.ts';
import { cohere } from './cohere/cohere.ts';
import { gemini } from './gemini/gemini.ts';
import { openAi } from './openai/openai.ts';
import { fitName } from './tool-names.ts';

const CALLS: readonly ToolCallPart[] = [
  { type: 'tool_call', id: 'call_a', name: 'find', namespace: 'files', arguments: '{"q":1}' },
  { type: 'tool_call', id: 'call_b', name: 'find', namespace: 'mail', arguments: '{"q":2}' },
];

/** Two groups with a tool of the same name. */
const REQUEST: ChatRequest = {
  model: 'm',
  messages: [
    { role: 'user', content: [{ type: 'text', text: 'look' }] },
    { role: 'assistant', content: CALLS },
    { role: 'tool', toolCallId: 'call_a', content: [{ type: 'text', text: 'nothing' }] },
    { role: 'tool', toolCallId: 'call_b', content: [{ type: 'text', text: 'nothing' }] },
  ],
  tools: ['files', 'mail'].map((namespace) => ({
    type: 'function',
    name: 'find',
    namespace,
    parameters: { type: 'object', properties: { q: { type: 'integer' } } },
  })),
  toolChoice: { type: 'function', name: 'find' },
  sampling: {},
  stream: false,
  includeUsage: false,
};

type Names = readonly [string, string];
const functions = ([a, b]: Names) => [
  { id: 'call_a', type: 'function', function: { name: a, arguments: '{"q":1}' } },
  { id: 'call_b', type: 'function', function: { name: b, arguments: '{"q":2}' } },
];

const KINDS: readonly {
  name: string;
  kind: typeof gemini;
  family: string;
  /** The chosen tool alone is declared. */
  offersOne?: boolean;
  answer: (names: Names) => JsonObject;
}[] = [
  {
    name: 'OpenAI',
    kind: openAi,
    family: 'gpt',
    answer: (names) => ({ choices: [{ index: 0, message: { tool_calls: functions(names) } }] }),
  },
  {
    name: 'Anthropic',
    kind: anthropic,
    family: 'claude',
    answer: ([a, b]) => ({
      content: [
        { type: 'tool_use', id: 'call_a', name: a, input: { q: 1 } },
        { type: 'tool_use', id: 'call_b', name: b, input: { q: 2 } },
      ],
    }),
  },
  {
    name: 'Converse',
    kind: bedrock,
    family: 'nova',
    answer: ([a, b]) => ({
      output: {
        message: {
          content: [
            { toolUse: { toolUseId: 'call_a', name: a, input: { q: 1 } } },
            { toolUse: { toolUseId: 'call_b', name: b, input: { q: 2 } } },
          ],
        },
      },
    }),
  },
  {
    name: 'Gemini',
    kind: gemini,
    family: 'gemini',
    answer: ([a, b]) => ({
      candidates: [
        {
          content: {
            parts: [
              { functionCall: { id: 'call_a', name: a, args: { q: 1 } } },
              { functionCall: { id: 'call_b', name: b, args: { q: 2 } } },
            ],
          },
        },
      ],
    }),
  },
  {
    name: 'Cohere',
    kind: cohere,
    family: 'command',
    offersOne: true,
    answer: (names) => ({ message: { tool_calls: functions(names) } }),
  },
];

describe('tools of two groups with the same name', () => {
  it.each(KINDS)('stay apart at $name, there and back', ({ kind, family, answer, offersOne = false }) => {
    const target = bedrockTarget(family);
    const chat = kind.chat(target);
    const text = JSON.stringify(chat?.writeRequest(REQUEST, target).value);
    const names: Names = ['files__find', 'mail__find'];
    // Once declared and once called; a choice by the bare name means the first one.
    expect(text.split('"mail__find"').length).toBeGreaterThan(offersOne ? 1 : 2);
    expect(text.split('"files__find"').length).toBeGreaterThan(2);
    expect(text).not.toContain('"find"');
    const content = chat?.readAnswer(answer(names), REQUEST).choices[0]?.content;
    expect(content).toEqual(CALLS.map((call) => expect.objectContaining(call)));
  });
});

describe('fitName', () => {
  const form = { taken: /^[a-z_][a-z0-9_]{0,19}$/, refused: /[^a-z0-9_]/g, longest: 20, letterFirst: true };

  it.each([
    ['taken', /^taken$/],
    ['a b', /^a_b_[0-9a-f]{8}$/],
    ['9 lives', /^_9_lives_[0-9a-f]{8}$/],
    ['', /^__[0-9a-f]{8}$/],
    ['a'.repeat(21), /^a{11}_[0-9a-f]{8}$/],
  ])('%s', (name, expected) => {
    expect(fitName(name, form)).toMatch(expected);
    expect(fitName(fitName(name, form), form)).toBe(fitName(name, form));
  });

  it('keeps apart what looks the same', () => {
    expect(fitName('a b', form)).not.toBe(fitName('a-b', form));
  });
});
