import type { OtherPart, OutputPart, TextPart, ToolCallPart } from '../../chat/chat-content.ts';
import type { AssistantMessage, ChatMessage } from '../../chat/chat-request.ts';
import type { DroppedFields } from '../../chat/dropped-fields.ts';
import { isObject } from '../../chat/wire.ts';
import { writeContent } from './write-content.ts';

/** Writes one message; undefined when the wire cannot express it, which is then noted. */
export function writeMessage(message: ChatMessage, path: string, dropped: DroppedFields): unknown {
  if (message.role === 'other') return dropped.keepOriginal(message.original, path);
  if (message.role === 'assistant') return writeAssistant(message, path, dropped);
  const content = writeContent(message.content, `${path}.content`, dropped);
  const extra = dropped.keepExtra(message.extra, path);
  if (message.role === 'tool') {
    // A failed tool can only say so in its words here.
    if (message.isError) dropped.add(`${path}.is_error`);
    return { role: 'tool', tool_call_id: message.toolCallId, content, ...extra };
  }
  return { role: message.role, content, ...(message.name !== undefined && { name: message.name }), ...extra };
}

/**
 * The wire keeps the kinds apart, so their order among each other goes. A refusal that stands alone is the message's
 * `refusal`; content is null where only calls are.
 */
function writeAssistant(message: AssistantMessage, path: string, dropped: DroppedFields): unknown {
  const said = message.content.filter(isContentPart);
  const refusals = message.content.filter((part) => part.type === 'refusal');
  const calls = writeToolCalls(message.content, path, dropped);
  const reasoning = writeReasoning(message, path, dropped);
  return {
    role: 'assistant',
    content: said.length === 0 ? null : writeContent(said, `${path}.content`, dropped),
    ...(refusals.length > 0 && { refusal: refusals.map((part) => part.text).join('') }),
    ...(reasoning !== undefined && { reasoning_content: reasoning }),
    ...(calls.length > 0 && { tool_calls: calls }),
    ...(message.name !== undefined && { name: message.name }),
    ...dropped.keepExtra(message.extra, path),
  };
}

function isContentPart(part: OutputPart): part is TextPart | OtherPart {
  if (part.type === 'text') return true;
  return part.type === 'other' && readToolCallOriginal(part) === undefined;
}

/** Calls of a kind that the neutral form has no words for (OpenAI's custom tools) are kept as `{tool_call}`. */
function readToolCallOriginal(part: OutputPart): unknown {
  if (part.type !== 'other' || part.original.wire !== 'openai-chat') return undefined;
  return isObject(part.original.value) ? part.original.value.tool_call : undefined;
}

function writeToolCalls(parts: readonly OutputPart[], path: string, dropped: DroppedFields): unknown[] {
  const calls = parts.filter((part) => part.type === 'tool_call' || readToolCallOriginal(part) !== undefined);
  return calls.map((part, index) =>
    part.type === 'tool_call'
      ? writeToolCall(part, `${path}.tool_calls[${index}]`, dropped)
      : readToolCallOriginal(part),
  );
}

function writeToolCall(part: ToolCallPart, path: string, dropped: DroppedFields): unknown {
  return {
    id: part.id,
    type: 'function',
    function: { name: part.name, arguments: part.arguments },
    ...dropped.keepExtra(part.extra, path),
  };
}

/** `reasoning_content` is the name that DeepSeek, vLLM and llama.cpp read back. Signatures have no place on this wire. */
function writeReasoning(message: AssistantMessage, path: string, dropped: DroppedFields): string | undefined {
  const parts = message.content.filter((part) => part.type === 'reasoning');
  for (const part of parts) {
    if (part.signature) dropped.add(`${path}.reasoning.signature`);
    dropped.keepExtra(part.extra, `${path}.reasoning`);
  }
  return parts.length === 0 ? undefined : parts.map((part) => part.text).join('');
}
