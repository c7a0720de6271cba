import type { Citation, OutputPart, ReasoningPart, ToolCallPart } from '../../../chat/chat-content.ts';
import type { AssistantMessage } from '../../../chat/chat-request.ts';
import { wrapCustomInput } from '../../../chat/custom-tools.ts';
import type { DroppedFields } from '../../../chat/dropped-fields.ts';
import { isObject, type JsonObject } from '../../../chat/wire.ts';
import { wireCallId, wireToolName } from '../tool-names.ts';
import { type ResponsesServer, WIRE } from './responses-wire.ts';
import { groupReasoning, writeReasoning } from './write-reasoning.ts';

/** Types of what stands inside a message; everything else of this wire is an item of its own. */
const INSIDE = /^(?:output_|input_)|^(?:refusal|text)$/;

/** What the model said in one turn, as items in its order. */
export function writeAssistant(
  message: AssistantMessage,
  first: number,
  path: string,
  dropped: DroppedFields,
  server: ResponsesServer,
): unknown[] {
  const items: unknown[] = [];
  let said:
    | { readonly place: number; readonly content: JsonObject[]; readonly extra: JsonObject }
    | undefined;
  let thoughts: ReasoningPart[] = [];
  const think = () => {
    for (const group of groupReasoning(thoughts)) {
      const item = writeReasoning(group, first + items.length, path, dropped, server);
      if (item) items.push(item);
    }
    thoughts = [];
  };
  const say = (content: JsonObject, extra: JsonObject = {}) => {
    // What a message says of itself came with its text.
    if (!said || Object.keys(extra).length > 0) said = { place: items.length, content: [], extra };
    said.content.push(content);
    items[said.place] = {
      type: 'message',
      role: 'assistant',
      content: plainText(said.content) ?? said.content,
      ...said.extra,
    };
  };
  message.content.forEach((part, index) => {
    const inside = `${path}.content[${index}]`;
    if (part.type === 'reasoning') {
      thoughts.push(part);
      said = undefined;
      return;
    }
    think();
    if (part.type === 'text') {
      if ('cache' in part && part.cache) dropped.add(`${inside}.cache_control`);
      const annotations = writeAnnotations(part.citations, inside, dropped);
      // Chat clients say an empty text beside calls.
      if (part.text === '' && annotations.length === 0) return;
      say({ type: 'output_text', text: part.text, annotations }, dropped.keepExtra(part.extra, inside));
    } else if (part.type === 'refusal') say({ type: 'refusal', refusal: part.text });
    else {
      const item = writeItem(part, inside, dropped, server);
      if (isObject(item) && typeof item.type === 'string' && INSIDE.test(item.type)) say(item);
      else {
        said = undefined;
        if (item !== undefined) items.push(item);
      }
    }
  });
  think();
  if (message.name !== undefined) dropped.add(`${path}.name`);
  dropped.keepExtra(message.extra, path);
  return items;
}

/**
 * One text without sources as a string. vLLM and OpenRouter take parts in messages alone that have an id and a status, which
 * only what they made themselves has (openai/codex#12669); Azure wants the list of sources in each.
 */
function plainText([only, ...more]: readonly JsonObject[]): unknown {
  if (more.length > 0 || only?.type !== 'output_text') return undefined;
  return Array.isArray(only.annotations) && only.annotations.length === 0 ? only.text : undefined;
}

/** Sources in this wire's own form; it makes others only itself. */
function writeAnnotations(
  citations: readonly Citation[] = [],
  path: string,
  dropped: DroppedFields,
): readonly unknown[] {
  return citations.flatMap(({ original }) => dropped.keepOriginal(original, `${path}.citations`) ?? []);
}

type ItemPart = Exclude<OutputPart, { type: 'text' | 'refusal' | 'reasoning' }>;

function writeItem(part: ItemPart, path: string, dropped: DroppedFields, server: ResponsesServer): unknown {
  switch (part.type) {
    case 'tool_call':
      return writeCall(part, path, dropped, server);
    case 'other':
      return dropped.keepOriginal(part.original, path);
    case 'image': {
      // The API takes its own pictures back by their id.
      const own = part.extra?.wire === WIRE ? part.extra.fields : {};
      if (part.source.kind === 'base64' && typeof own.id === 'string')
        return { type: 'image_generation_call', ...own, result: part.source.data };
      dropped.add(path);
      return undefined;
    }
    case 'audio':
      dropped.add(path);
      return undefined;
  }
}

function writeCall(
  part: ToolCallPart,
  path: string,
  dropped: DroppedFields,
  server: ResponsesServer,
): JsonObject {
  if (part.cache) dropped.add(`${path}.cache_control`);
  // Only a server that gave a signature gets one back, and this wire has none.
  if (part.signature) dropped.add(`${path}.signature`);
  const called = {
    call_id: wireCallId(part.id, 'any'),
    name: wireToolName({ name: part.name }),
    ...(part.namespace !== undefined && { namespace: part.namespace }),
    ...dropped.keepExtra(part.extra, path),
  };
  if (part.custom && server.customTools)
    return { type: 'custom_tool_call', ...called, input: part.arguments };
  const plain = part.arguments === '' ? '{}' : part.arguments;
  const text = part.custom ? wrapCustomInput(part.arguments) : plain;
  return { type: 'function_call', ...called, arguments: text };
}
