import type { ChatMessage, ToolMessage } from '../../../chat/chat-request.ts';
import type { DroppedFields } from '../../../chat/dropped-fields.ts';
import type { JsonObject } from '../../../chat/wire.ts';
import { wireCallId } from '../tool-names.ts';
import type { ResponsesServer } from './responses-wire.ts';
import { writeAssistant } from './write-assistant.ts';
import { writeContent } from './write-content.ts';

/**
 * The conversation as `input`, in its order. Instructions in front that are one plain text are `instructions`, as clients
 * of this API send them; all others keep their place and their parts.
 */
export function writeInput(
  messages: readonly ChatMessage[],
  dropped: DroppedFields,
  server: ResponsesServer,
): JsonObject {
  const instructions = plainInstructions(messages[0]);
  const custom = customCalls(messages, server);
  const input: unknown[] = [];
  messages.forEach((message, index) => {
    if (index === 0 && instructions !== undefined) return;
    const path = `messages[${index}]`;
    if (message.role === 'assistant')
      input.push(...writeAssistant(message, input.length, path, dropped, server));
    else if (message.role === 'tool') input.push(writeAnswerOfTool(message, path, dropped, custom));
    else {
      const item = writeMessage(message, path, dropped, server);
      if (item !== undefined) input.push(item);
    }
  });
  return { ...(instructions !== undefined && { instructions }), input };
}

function plainInstructions(message: ChatMessage | undefined): string | undefined {
  if (message?.role !== 'system' || message.name !== undefined || message.extra) return undefined;
  const [part] = message.content;
  if (message.content.length !== 1 || part?.type !== 'text') return undefined;
  return part.cache || part.extra || part.citations ? undefined : part.text;
}

/** Answers have the type of their call, which not every client says of them. */
function customCalls(messages: readonly ChatMessage[], server: ResponsesServer): ReadonlySet<string> {
  if (!server.customTools) return new Set();
  const ids = new Set<string>();
  for (const message of messages) {
    if (message.role === 'tool' && message.custom) ids.add(message.toolCallId);
    if (message.role !== 'assistant') continue;
    for (const part of message.content) if (part.type === 'tool_call' && part.custom) ids.add(part.id);
  }
  return ids;
}

function writeMessage(
  message: Exclude<ChatMessage, { role: 'assistant' | 'tool' }>,
  path: string,
  dropped: DroppedFields,
  server: ResponsesServer,
): unknown {
  if (message.role === 'other') return dropped.keepOriginal(message.original, path);
  if (message.name !== undefined) dropped.add(`${path}.name`);
  const role = message.role === 'developer' && !server.developerRole ? 'system' : message.role;
  const content = writeContent(message.content, `${path}.content`, dropped);
  return { type: 'message', role, content, ...dropped.keepExtra(message.extra, path) };
}

function writeAnswerOfTool(
  message: ToolMessage,
  path: string,
  dropped: DroppedFields,
  custom: ReadonlySet<string>,
): JsonObject {
  // A failed tool can only say so in its words here.
  if (message.isError) dropped.add(`${path}.is_error`);
  if (message.cache) dropped.add(`${path}.cache_control`);
  return {
    type: custom.has(message.toolCallId) ? 'custom_tool_call_output' : 'function_call_output',
    call_id: wireCallId(message.toolCallId, 'any'),
    output: writeContent(message.content, `${path}.content`, dropped),
    ...dropped.keepExtra(message.extra, path),
  };
}
