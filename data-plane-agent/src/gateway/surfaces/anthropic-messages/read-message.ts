import type { InputPart } from '../../chat/chat-content.ts';
import type { ChatMessage, ToolMessage } from '../../chat/chat-request.ts';
import { isObject, type JsonObject, takeExtra } from '../../chat/wire.ts';
import { GatewayError } from '../../errors/gateway-error.ts';
import { readField, requireField, requireObject } from '../read-field.ts';
import { commonMembers, otherBlock, readInputBlock, readOutputBlock, readTextBlock } from './read-block.ts';

const WIRE = 'anthropic-messages';
const MESSAGE_FIELDS = new Set(['role', 'content']);
const LATE_SYSTEM_FIELDS = new Set([...MESSAGE_FIELDS, 'clear_at']);
const RESULT_FIELDS = new Set(['type', 'tool_use_id', 'content', 'is_error', 'cache_control']);

/**
 * Reads one turn. Results of tools are blocks of a user's turn here and messages of their own in the neutral form, so that one
 * turn may become several messages, in its order.
 *
 * @throws GatewayError `invalid_type`, `missing_required_parameter`
 */
export function readMessage(value: unknown, path: string): ChatMessage[] {
  const message = requireObject(value, path);
  const role = requireField(message, 'role', 'string', `${path}.`);
  if (role === 'system') return readLateSystem(message, path);
  const extra = takeExtra(WIRE, message, MESSAGE_FIELDS);
  const blocks = readBlocks(message.content, `${path}.content`);
  switch (role) {
    case 'user':
      return readUserTurn(blocks, `${path}.content`, extra);
    case 'assistant': {
      const content = blocks.map((block, index) => readOutputBlock(block, `${path}.content[${index}]`));
      return [{ role, content, extra }];
    }
    default:
      return [{ role: 'other', original: { wire: WIRE, value: message } }];
  }
}

/** Instructions between turns, which may also do no more than change the tools or the effort. */
function readLateSystem(message: JsonObject, path: string): ChatMessage[] {
  const { content } = message;
  if (content === undefined || content === null)
    return [{ role: 'other', original: { wire: WIRE, value: message } }];
  const extra = takeExtra(WIRE, message, LATE_SYSTEM_FIELDS);
  const blocks = readBlocks(content, `${path}.content`);
  const said = blocks.filter((block) => addedTool(block) === undefined);
  if (said.length === 0 && blocks.length > 0 && extra === undefined) return [];
  return [{ role: 'system', content: readSystemBlocks(said, `${path}.content`), extra }];
}

/** The definition of a tool that a block brings into the conversation. */
export function addedTool({ type, tool }: JsonObject): unknown {
  if (type !== 'tool_addition' || !isObject(tool) || tool.type !== 'tool_definition') return undefined;
  return tool.definition;
}

/** Reads instructions: a string or text blocks, which stay apart. */
export function readSystem(value: unknown, path: string): ChatMessage[] {
  if (value === undefined || value === null) return [];
  return [{ role: 'system', content: readSystemBlocks(readBlocks(value, path), path) }];
}

/**
 * What Claude Code tells Anthropic's billing stands in front of its instructions, and holds a hash of the whole request: to
 * another provider it means nothing, and a prompt that begins anew each time is never found in a cache.
 */
const BILLING = /^x-anthropic-billing-header:[^\n]*\n*/;

function readSystemBlocks(blocks: readonly JsonObject[], path: string) {
  return blocks.flatMap((block, index) => {
    if (block.type !== 'text') return [otherBlock(block)];
    const part = readTextBlock(block, `${path}[${index}]`);
    const [billing] = BILLING.exec(part.text) ?? [];
    if (billing === undefined) return [part];
    const text = part.text.slice(billing.length);
    const note = otherBlock({ type: 'text', text: billing.trimEnd() });
    return text === '' ? [note] : [note, { ...part, text }];
  });
}

function readUserTurn(
  blocks: readonly JsonObject[],
  path: string,
  extra: ReturnType<typeof takeExtra>,
): ChatMessage[] {
  const messages: ChatMessage[] = [];
  let content: InputPart[] = [];
  const close = () => {
    if (content.length > 0) messages.push({ role: 'user', content, extra });
    content = [];
  };
  blocks.forEach((block, index) => {
    const inside = `${path}[${index}]`;
    if (block.type === 'tool_result') {
      close();
      messages.push(readToolResult(block, inside));
    } else content.push(readInputBlock(block, inside));
  });
  close();
  return messages.length === 0 ? [{ role: 'user', content: [], extra }] : messages;
}

function readToolResult(block: JsonObject, path: string): ToolMessage {
  const inside = `${path}.content`;
  const content =
    block.content === undefined || block.content === null ? [] : readBlocks(block.content, inside);
  return {
    role: 'tool',
    toolCallId: requireField(block, 'tool_use_id', 'string', `${path}.`),
    content: content.map((part, index) => readInputBlock(part, `${inside}[${index}]`)),
    isError: readField(block, 'is_error', 'boolean', `${path}.`),
    ...commonMembers(block, RESULT_FIELDS),
  };
}

/** Content as blocks; a string is one of text. */
function readBlocks(value: unknown, path: string): JsonObject[] {
  if (typeof value === 'string') return [{ type: 'text', text: value }];
  if (!Array.isArray(value)) {
    const missing = value === undefined || value === null;
    throw new GatewayError(missing ? 'missing_required_parameter' : 'invalid_type', {
      param: path,
      detail: 'It has to be a string or a list of blocks.',
    });
  }
  return value.map((block: unknown, index) => {
    if (isObject(block)) return block;
    throw new GatewayError('invalid_type', { param: `${path}[${index}]`, detail: 'It has to be an object.' });
  });
}
