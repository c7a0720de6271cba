import type { OutputPart, ReasoningPart, TextPart, ToolCallPart } from '../../../chat/chat-content.ts';
import type { AssistantMessage } from '../../../chat/chat-request.ts';
import { anthropicCitationForConverse } from '../../../chat/cited-places.ts';
import type { DroppedFields } from '../../../chat/dropped-fields.ts';
import { isObject, type JsonObject } from '../../../chat/wire.ts';
import { wireCallId, wireToolName } from './tool-names.ts';
import { pushBlock, type WriteContext, writeText } from './write-blocks.ts';

/** Writes what the model said before. */
export function writeAnswer(message: AssistantMessage, path: string, context: WriteContext): JsonObject[] {
  const content: JsonObject[] = [];
  const calls = message.content.some(({ type }) => type === 'tool_call');
  message.content.forEach((part, index) => {
    const at = `${path}.content[${index}]`;
    const isWords = part.type === 'text' || part.type === 'refusal';
    if (isWords && calls && !context.traits.wordsBesideCalls && part.text.trim() !== '') {
      context.dropped.add(at);
      return;
    }
    const cache = 'cache' in part ? part.cache : undefined;
    const blocks = writeOutput(part, at, context);
    for (const block of blocks.slice(0, -1)) content.push(block);
    pushBlock(content, blocks.at(-1), cache, at, context);
  });
  return content;
}

function writeOutput(part: OutputPart, path: string, context: WriteContext): JsonObject[] {
  const { dropped } = context;
  switch (part.type) {
    case 'text':
      return orNone(writeCited(part, path, context));
    case 'refusal':
      // The words stay, that they are a refusal cannot be said.
      dropped.add(`${path}.refusal`);
      return orNone(writeText({ type: 'text', text: part.text }, path, context));
    case 'reasoning':
      return writeReasoning(part, path, context);
    case 'tool_call':
      return [writeToolCall(part, path, context)];
    case 'image':
    case 'audio':
      // Bedrock takes media from users alone.
      dropped.add(path);
      return [];
    case 'other': {
      const original = dropped.keepOriginal(part.original, path);
      return isObject(original) ? [original] : [];
    }
  }
}

function orNone(block: JsonObject | undefined): JsonObject[] {
  return block === undefined ? [] : [block];
}

function writeCited(part: TextPart, path: string, context: WriteContext): JsonObject | undefined {
  const text = writeText(part, path, context);
  if (text === undefined || !part.citations?.length) return text;
  const citations = part.citations
    .map(({ original: { wire, value } }) =>
      wire === 'bedrock-converse' ? value : anthropicCitationForConverse(value),
    )
    .filter((citation) => citation !== undefined);
  if (citations.length < part.citations.length) context.dropped.add(`${path}.citations`);
  if (citations.length === 0) return text;
  return { citationsContent: { content: [text], citations } };
}

function writeReasoning(part: ReasoningPart, path: string, { dropped, traits }: WriteContext): JsonObject[] {
  dropped.keepExtra(part.extra, path);
  const refused = traits.takesReasoning === 'none' || (traits.takesReasoning === 'signed' && !part.signature);
  const blocks: JsonObject[] = [];
  if (part.text !== '' || part.signature) {
    const signature = part.signature && { signature: part.signature.value };
    if (refused) dropped.add(path);
    else blocks.push({ reasoningContent: { reasoningText: { text: part.text, ...signature } } });
  }
  if (part.encrypted) {
    if (traits.takesReasoning === 'none') dropped.add(path);
    else blocks.push({ reasoningContent: { redactedContent: part.encrypted.value } });
  }
  return blocks;
}

function writeToolCall(part: ToolCallPart, path: string, { dropped, traits }: WriteContext): JsonObject {
  dropped.keepExtra(part.extra, path);
  if (part.signature) dropped.add(`${path}.signature`);
  const input = part.custom ? { input: part.arguments } : readArguments(part.arguments, path, dropped);
  return {
    toolUse: {
      toolUseId: wireCallId(part.id, traits),
      name: wireToolName(part.name, part.namespace),
      input,
    },
  };
}

/** Bedrock wants an object. What is none is wrapped in one, and that is noted. */
function readArguments(text: string, path: string, dropped: DroppedFields): unknown {
  if (text.trim() === '') return {};
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return value;
  } catch {
    // Not JSON: wrapped as text below.
  }
  dropped.add(`${path}.arguments`);
  return { arguments: text };
}
