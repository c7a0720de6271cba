import type { OutputPart } from '../../chat/chat-content.ts';
import type { AssistantMessage, ChatMessage, ToolMessage } from '../../chat/chat-request.ts';
import { type JsonObject, takeExtra } from '../../chat/wire.ts';
import { GatewayError } from '../../errors/gateway-error.ts';
import { requireField, requireObject } from '../read-field.ts';
import { readContent, readInputPart, readTextPart, WIRE } from './read-content.ts';
import { isMessage, MESSAGE_FIELDS, readOutputItem } from './read-output-item.ts';

const OUTPUT_FIELDS = new Set(['type', 'id', 'call_id', 'output', 'status', 'name', 'namespace']);

/**
 * Reads `input`. What the model said stands in items of their own there; those in a row are one message of the assistant.
 * `additional_tools` are not read here.
 *
 * @throws GatewayError `invalid_type`, `missing_required_parameter`, `unsupported_parameter`
 */
export function readInput(input: unknown): ChatMessage[] {
  if (input === undefined || input === null)
    throw new GatewayError('missing_required_parameter', { param: 'input' });
  if (typeof input === 'string') return [{ role: 'user', content: [{ type: 'text', text: input }] }];
  if (!Array.isArray(input)) {
    throw new GatewayError('invalid_type', {
      param: 'input',
      detail: 'It has to be a string or a list of items.',
    });
  }
  const messages: ChatMessage[] = [];
  let turn: OutputPart[] | undefined;
  input.forEach((value: unknown, index) => {
    const path = `input[${index}]`;
    const item = requireObject(value, path);
    if (item.type === 'additional_tools') return;
    const parts = readOutputItem(item, path);
    if (parts === undefined) {
      messages.push(readInputItem(item, path));
      turn = undefined;
    } else if (turn) turn.push(...parts);
    else if (parts.length > 0) {
      turn = [...parts];
      messages.push({ role: 'assistant', content: turn } satisfies AssistantMessage);
    }
  });
  return messages;
}

function readInputItem(item: JsonObject, path: string): ChatMessage {
  if (isMessage(item)) return readMessage(item, path);
  switch (item.type) {
    case 'function_call_output':
    case 'custom_tool_call_output':
      return readCallOutput(item, path);
    case 'item_reference':
      throw new GatewayError('unsupported_parameter', {
        param: path,
        detail: 'Answers are not kept here: send the items themselves, as with "store": false.',
      });
    default:
      return { role: 'other', original: { wire: WIRE, value: item } };
  }
}

function readMessage(item: JsonObject, path: string): ChatMessage {
  const extra = takeExtra(WIRE, item, MESSAGE_FIELDS);
  const contentPath = `${path}.content`;
  switch (item.role) {
    case 'system':
    case 'developer':
      return { role: item.role, content: readContent(item.content, readTextPart, contentPath), extra };
    case 'user':
      return { role: 'user', content: readContent(item.content, readInputPart, contentPath), extra };
    default:
      return { role: 'other', original: { wire: WIRE, value: item } };
  }
}

function readCallOutput(item: JsonObject, path: string): ToolMessage {
  return {
    role: 'tool',
    toolCallId: requireField(item, 'call_id', 'string', `${path}.`),
    content: readContent(item.output, readInputPart, `${path}.output`),
    ...(item.type === 'custom_tool_call_output' && { custom: true }),
    extra: takeExtra(WIRE, item, OUTPUT_FIELDS),
  };
}
