import { describe, expect, it } from 'vitest';
import type { ChatAnswer } from '../../chat/chat-answer.ts';
import type { ChatEvent } from '../../chat/chat-event.ts';
import { openAiChatSurface } from './openai-chat-surface.ts';

const WIRE = 'anthropic-messages';
const input = { header: () => undefined };
const BODY = {
  model: 'm',
  messages: [
    { role: 'user', content: 'The weather?' },
    { role: 'assistant', content: null, function_call: { name: 'look', arguments: '{"a":1}' } },
    { role: 'function', name: 'look', content: 'Rain.' },
  ],
  functions: [{ name: 'look', description: 'd', parameters: { type: 'object' } }],
};
const stop = { reason: 'tool_calls', original: { wire: WIRE, value: 'tool_use' } } as const;
const calls = ['look', 'find'].map(
  (name, index) => ({ type: 'tool_call', id: `c${index}`, name, arguments: '{}' }) as const,
);

describe("functions, as OpenAI's API had them before tools", () => {
  it.each([
    ['auto', { type: 'auto' }],
    ['none', { type: 'none' }],
    [{ name: 'look' }, { type: 'function', name: 'look' }],
    [undefined, undefined],
  ])('are read as tools, %o', (choice, expected) => {
    const request = openAiChatSurface.readRequest({ ...BODY, function_call: choice }, input);
    expect(request).toMatchObject({
      olderFunctions: true,
      tools: [{ type: 'function', name: 'look', description: 'd', parameters: { type: 'object' } }],
      messages: [
        { role: 'user' },
        {
          role: 'assistant',
          content: [{ type: 'tool_call', id: 'call_1', name: 'look', arguments: '{"a":1}' }],
        },
        { role: 'tool', toolCallId: 'call_1', content: [{ type: 'text', text: 'Rain.' }] },
      ],
    });
    expect(request.toolChoice).toEqual(expected);
    expect(request.extra).toBe(undefined);
  });

  it('leave a request with tools as it is', () => {
    const request = openAiChatSurface.readRequest({ ...BODY, tools: [] }, input);
    expect(request.olderFunctions).toBe(undefined);
    expect(Object.keys(request.extra?.fields ?? {})).toEqual(['functions']);
  });

  it('get one call back, and a second one is named', () => {
    const request = openAiChatSurface.readRequest(BODY, input);
    const answer: ChatAnswer = {
      id: 'a',
      model: 'm',
      created: 1,
      choices: [{ index: 0, content: calls, stop }],
    };
    const { value, dropped } = openAiChatSurface.writeAnswer(answer, request);
    expect(value.choices).toEqual([
      {
        index: 0,
        message: {
          role: 'assistant',
          content: null,
          refusal: null,
          function_call: { name: 'look', arguments: '{}' },
        },
        finish_reason: 'function_call',
      },
    ]);
    expect(dropped).toEqual(['choices[0].message.tool_calls']);
  });

  it('get it in pieces', () => {
    const writer = openAiChatSurface.eventWriter(openAiChatSurface.readRequest(BODY, input));
    const events: ChatEvent[] = [
      { type: 'start', id: 'a', model: 'm', created: 1 },
      { type: 'tool_call', choice: 0, call: 0, id: 'c0', name: 'look' },
      { type: 'tool_arguments', choice: 0, call: 0, text: '{}' },
      { type: 'tool_call', choice: 0, call: 1, id: 'c1', name: 'find' },
      { type: 'tool_arguments', choice: 0, call: 1, text: '{}' },
      { type: 'stop', choice: 0, stop },
    ];
    const chunks = events
      .flatMap((event) => writer.write(event)?.toString().split('\n\n') ?? [])
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line.slice('data: '.length)).choices[0]);
    expect(chunks).toEqual([
      {
        index: 0,
        delta: { role: 'assistant', function_call: { name: 'look', arguments: '' } },
        finish_reason: null,
      },
      { index: 0, delta: { function_call: { arguments: '{}' } }, finish_reason: null },
      { index: 0, delta: {}, finish_reason: 'function_call' },
    ]);
    expect(writer.dropped).toEqual(['stream.tool_calls']);
  });
});
