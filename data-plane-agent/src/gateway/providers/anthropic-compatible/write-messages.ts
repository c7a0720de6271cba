import { writeCacheControl } from '../../chat/cache-hint.ts';
import type { InputPart } from '../../chat/chat-content.ts';
import type { ChatMessage, ToolMessage } from '../../chat/chat-request.ts';
import type { DroppedFields } from '../../chat/dropped-fields.ts';
import { isObject, type JsonObject } from '../../chat/wire.ts';
import type { ClaudeTraits } from './claude-models.ts';
import type { ToolNames } from './tool-names.ts';
import { type Block, writeInputBlock, writeOutputBlock } from './write-block.ts';

/** System blocks and turns as the API takes them. */
export interface WrittenMessages {
  readonly system: readonly Block[];
  readonly messages: readonly JsonObject[];
}

/** Instructions that wait for the end of the user's turn. */
interface LateInstructions {
  readonly path: string;
  readonly content: readonly Block[];
}

interface Turn {
  readonly role: string;
  readonly content: unknown[];
  readonly extra: JsonObject;
}

/**
 * Writes the conversation. Instructions that come before all else are the system. Turns of the same role become one, since
 * the API alternates; results of tools and the user's words after them are one turn.
 *
 * Later instructions stay where they are, so that a cached prefix does not change: as a turn of the role `system` where the
 * model takes it, which has to come right behind a user's turn, else as words of the user's. Both are named, if not equal.
 *
 * A conversation of instructions alone is refused: a user's turn that says nothing follows them, which is named too.
 */
export function writeMessages(
  messages: readonly ChatMessage[],
  { lateSystem }: ClaudeTraits,
  dropped: DroppedFields,
  names: ToolNames,
): WrittenMessages {
  const system: Block[] = [];
  const turns: Turn[] = [];
  let late: LateInstructions[] = [];
  const add = (role: string, content: readonly Block[], extra: JsonObject, isResult = false) => {
    const last = turns.at(-1);
    const joins = last?.role === role && Object.keys(extra).length === 0;
    if (joins && last.content.length > 0) join(last.content, content, isResult);
    else if (content.length > 0) turns.push({ role, content: [...content], extra });
  };
  const settleInstructions = () => {
    if (late.length === 0) return;
    const content = late.flatMap((each) => each.content);
    if (lateSystem && turns.at(-1)?.role === 'user') turns.push({ role: 'system', content, extra: {} });
    else {
      for (const { path } of late) dropped.add(`${path}.role`);
      add('user', content, {});
    }
    late = [];
  };
  messages.forEach((message, index) => {
    const path = `messages[${index}]`;
    if (message.role === 'other') {
      settleInstructions();
      const value = dropped.keepOriginal(message.original, path);
      if (isObject(value)) turns.push({ role: String(value.role), content: [], extra: value });
      return;
    }
    if (message.role !== 'tool' && 'name' in message && message.name !== undefined)
      dropped.add(`${path}.name`);
    const content = writeContent(message, path, dropped, names);
    const extra = message.role === 'tool' ? {} : dropped.keepExtra(message.extra, path);
    if (content.length === 0) dropped.add(path);
    const role = ROLES[message.role];
    if (role === 'system') {
      if (turns.length === 0 && late.length === 0) system.push(...content);
      else if (content.length > 0) {
        late.push({ path, content });
        if (!lateSystem) settleInstructions();
      }
      return;
    }
    if (role === 'assistant') settleInstructions();
    else for (const each of late) dropped.add(`${each.path}.position`);
    add(role, content, extra, message.role === 'tool');
  });
  settleInstructions();
  if (turns.length === 0) {
    dropped.add(`messages[${messages.length}].turn`);
    add('user', [{ type: 'text', text: NOTHING }], {});
  }
  return { system, messages: turns.map(writeTurn) };
}

/** Text that is blank is refused. */
const NOTHING = '.';

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
    ...(message.cache && { cache_control: writeCacheControl(message.cache) }),
    ...dropped.keepExtra(message.extra, path),
  };
}
