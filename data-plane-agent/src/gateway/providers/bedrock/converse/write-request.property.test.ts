import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { InputPart, OutputPart } from '../../../chat/chat-content.ts';
import type { ChatMessage, ChatTool } from '../../../chat/chat-request.ts';
import { chatRequest, deepFreeze } from '../fixtures/chat-request.ts';
import { writeRequest } from './write-request.ts';

const word = fc.string({ unit: 'grapheme', maxLength: 8 });
const cache = fc.option(fc.constantFrom({}, { ttl: '5m' as const }, { ttl: '1h' as const }), {
  nil: undefined,
});
const source = fc.constantFrom(
  { kind: 'base64', mediaType: 'image/png', data: 'AA' } as const,
  { kind: 'base64', mediaType: 'application/pdf', data: 'AA' } as const,
  { kind: 'base64', mediaType: 'text/odd', data: 'AA' } as const,
  { kind: 'text', text: 'x' } as const,
);
const textPart = fc.record({ type: fc.constant('text' as const), text: word, cache });
const inputPart: fc.Arbitrary<InputPart> = fc.oneof(
  textPart,
  fc.record({ type: fc.constant('image' as const), source, cache }),
  fc.record({ type: fc.constant('file' as const), source, name: word, cache }),
);
const opaque = fc.option(fc.constant({ value: 'b3A=' }), { nil: undefined });
const outputPart: fc.Arbitrary<OutputPart> = fc.oneof(
  textPart,
  fc.record({ type: fc.constant('reasoning' as const), text: word, signature: opaque, encrypted: opaque }),
  fc.record({
    type: fc.constant('tool_call' as const),
    id: word,
    name: word,
    arguments: fc.oneof(word, fc.json()),
    cache,
  }),
);
const message: fc.Arbitrary<ChatMessage> = fc.oneof(
  {
    weight: 1,
    arbitrary: fc.record({
      role: fc.constant('system' as const),
      content: fc.array(textPart, { maxLength: 2 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      role: fc.constant('user' as const),
      content: fc.array(inputPart, { maxLength: 3 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      role: fc.constant('assistant' as const),
      content: fc.array(outputPart, { maxLength: 3 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      role: fc.constant('tool' as const),
      toolCallId: word,
      content: fc.array(inputPart, { maxLength: 2 }),
      isError: fc.boolean(),
      cache,
    }),
  },
);
const conversation = fc.array(message, { maxLength: 8 });
const tools: fc.Arbitrary<ChatTool[]> = fc.array(
  fc.record({ type: fc.constant('function' as const), name: word, cache }),
  { maxLength: 2 },
);
const family = fc.constantFrom('claude', 'nova', 'llama', 'mistral', 'other');

interface Body {
  messages: { role: string; content: Record<string, Record<string, unknown>>[] }[];
  system?: unknown[];
  toolConfig?: { tools: Record<string, Record<string, unknown>>[] };
}

function write(messages: readonly ChatMessage[], used: readonly ChatTool[], name: string): Body {
  return writeRequest(deepFreeze(chatRequest({ messages: [...messages], tools: [...used] })), name)
    .value as never;
}

/** What a provider's cache sees: everything that stands in order, without the brackets that close it. */
function prefix(list: readonly unknown[] | undefined): string {
  return JSON.stringify(list ?? []).replace(/[\]}]*$/, '');
}

/** Media of results may have to follow the last one, and results of one turn come together. */
function awaitsResults(messages: readonly ChatMessage[]): boolean {
  const spoken = messages.filter(({ role }) => role !== 'system');
  const results = spoken.slice(spoken.findLastIndex(({ role }) => role !== 'tool') + 1);
  return results.some((each) => each.role === 'tool' && each.content.some(({ type }) => type !== 'text'));
}

describe('every request', () => {
  it('begins with what the turn before it was, so that a cached prompt is found again', () => {
    fc.assert(
      fc.property(conversation, message, tools, family, (messages, next, used, name) => {
        fc.pre(next.role !== 'tool' || !awaitsResults(messages));
        const before = write(messages, used, name);
        // Nothing was said so far: a turn of nothing stands there alone.
        fc.pre(JSON.stringify(before.messages) !== '[{"role":"user","content":[{"text":"."}]}]');
        const after = write([...messages, next], used, name);
        expect(prefix(after.messages).startsWith(prefix(before.messages))).toBe(true);
        expect(prefix(after.system).startsWith(prefix(before.system))).toBe(true);
        if (used.length > 0) expect(after.toolConfig).toEqual(before.toolConfig);
      }),
    );
  });

  it('holds only what Bedrock takes', () => {
    fc.assert(
      fc.property(conversation, tools, family, (messages, used, name) => {
        const body = write(messages, used, name);
        const blocks = body.messages.flatMap((each) => each.content);
        const names = [
          ...blocks.flatMap(({ toolUse }) => (toolUse ? [toolUse.name, toolUse.toolUseId] : [])),
          ...blocks.flatMap(({ toolResult }) => (toolResult ? [toolResult.toolUseId] : [])),
          ...(body.toolConfig?.tools ?? []).flatMap(({ toolSpec }) => (toolSpec ? [toolSpec.name] : [])),
        ];
        for (const each of names) expect(each).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
        for (const { document } of blocks) {
          if (document) expect(document.name).toMatch(/^(?!.*\s\s)[a-zA-Z0-9\s\-()[\]]{1,200}$/);
        }
        for (const { text } of blocks) expect(String(text ?? 'x').trim()).not.toBe('');
        for (const { role, content } of body.messages) {
          expect(content.length).toBeGreaterThan(0);
          expect(['user', 'assistant']).toContain(role);
        }
        body.messages.forEach(({ role }, index) => {
          expect(role).not.toBe(body.messages[index + 1]?.role);
        });
        const needsTools = blocks.some(({ toolUse, toolResult }) => toolUse ?? toolResult);
        if (needsTools) expect(body.toolConfig?.tools.length).toBeGreaterThan(0);
      }),
    );
  });
});
