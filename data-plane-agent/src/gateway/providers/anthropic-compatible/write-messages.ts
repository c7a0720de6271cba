import { writeCacheControl } from '../../chat/cache-hint.ts';
import type { InputPart } from '../../chat/chat-content.ts';
import type { ChatMessage, ToolMessage } from '../../chat/chat-request.ts';
import type { DroppedFields } from '../../chat/dropped-fields.ts';
import { isObject, type JsonObject } from '../../chat/wire.ts';
import type { ToolNames } from './tool-names.ts';
import { type Block, writeInputBlock, writeOutputBlock } from './write-block.ts';

/** System blocks and turns as the API takes them. */
export interface WrittenMessages {
  readonly system: readonly Block[];
  readonly messages: readonly JsonObject[];
}

interface Turn {
  readonly role: string;
  readonly content: unknown[];
  readonly extra: JsonObject;
}

/**
 * Writes the conversation. Instructions that come before all else are the system; later ones stay where they are, as turns
 * of the role `system`, so that neither their place nor a cached prefix changes. Turns of the same role become one, since
 * the API alternates; results of tools and the user's words after them are one turn.
 */
export function writeMessages(
  messages: readonly ChatMessage[],
  dropped: DroppedFields,
  names: ToolNames,
): WrittenMessages {
  const system: Block[] = [];
  const turns: Turn[] = [];
  messages.forEach((message, index) => {
    const path = `messages[${index}]`;
    if (message.role === 'other') {
      const value = dropped.keepOriginal(message.original, path);
      if (isObject(value)) turns.push({ role: String(value.role), content: [], extra: value });
      return;
    }
    if (message.role !== 'tool' && 'name' in message && message.name !== undefined)
      dropped.add(`${path}.name`);
    const content = writeContent(message, path, dropped, names);
    const extra = message.role === 'tool' ? {} : dropped.keepExtra(message.extra, path);
    const role = ROLES[message.role];
    if (role === 'system' && turns.length === 0) {
      system.push(...content);
      return;
    }
    const last = turns.at(-1);
    const joins = last?.role === role && role !== 'system' && Object.keys(extra).length === 0;
    if (joins && last.content.length > 0) join(last.content, content, message.role === 'tool');
    else if (content.length > 0) turns.push({ role, content, extra });
  });
  return { system, messages: turns.map(writeTurn) };
}

/** Results of tools stand in front of all else in a turn, as the API wants them. */
function join(turn: unknown[], content: readonly Block[], isResult: boolean): void {
  const results = turn.findIndex((block) => !isObject(block) || block.type !== 'tool_result');
  if (isResult && results !== -1) turn.splice(results, 0, ...content);
  else turn.push(...content);
}

const ROLES = {
  system: 'system',
  developer: 'system',
  user: 'user',
  tool: 'user',
  assistant: 'assistant',
} as const;

function writeTurn({ role, content, extra }: Turn): JsonObject {
  return content.length === 0 ? extra : { ...extra, role, content };
}

function writeContent(
  message: Exclude<ChatMessage, { role: 'other' }>,
  path: string,
  dropped: DroppedFields,
  names: ToolNames,
): Block[] {
  switch (message.role) {
    case 'system':
    case 'developer':
    case 'user':
      return writeInput(message.content, path, dropped);
    case 'assistant':
      return message.content
        .map((part, index) => writeOutputBlock(part, `${path}.content[${index}]`, dropped, names))
        .filter((block) => block !== undefined);
    case 'tool':
      return [writeToolResult(message, path, dropped, names)];
  }
}

function writeInput(parts: readonly InputPart[], path: string, dropped: DroppedFields): Block[] {
  return parts
    .map((part, index) => writeInputBlock(part, `${path}.content[${index}]`, dropped))
    .filter((block) => block !== undefined);
}

function writeToolResult(
  message: ToolMessage,
  path: string,
  dropped: DroppedFields,
  names: ToolNames,
): Block {
  const content = writeInput(message.content, path, dropped);
  return {
    type: 'tool_result',
    tool_use_id: names.id(message.toolCallId),
    ...(content.length > 0 && { content }),
    ...(message.isError !== undefined && { is_error: message.isError }),
    ...dropped.keepExtra(message.extra, path),
    ...(message.cache && { cache_control: writeCacheControl(message.cache) }),
  };
}
