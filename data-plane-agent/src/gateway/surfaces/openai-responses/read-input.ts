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
 * Answers of tools come right after the turn that called them. `additional_tools` are not read here.
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
  const said: Said[] = [];
  const calls = new Map<string, Said>();
  let turn: { readonly parts: OutputPart[]; readonly said: Said } | undefined;
  input.forEach((value: unknown, index) => {
    const path = `input[${index}]`;
    const item = requireObject(value, path);
    if (item.type === 'additional_tools') return;
    const parts = readOutputItem(item, path);
    if (parts === undefined) {
      add(readInputItem(item, path), said, calls);
      turn = undefined;
      return;
    }
    if (!turn && parts.length > 0) {
      turn = beginTurn();
      said.push(turn.said);
    }
    for (const part of parts) {
      turn?.parts.push(part);
      if (turn && part.type === 'tool_call') calls.set(part.id, turn.said);
    }
  });
  return said.flatMap(({ message, answers }) => [message, ...answers]);
}

/** A message, and what tools answered to the calls in it. */
interface Said {
  readonly message: ChatMessage;
  readonly answers: ToolMessage[];
}

function beginTurn() {
  const parts: OutputPart[] = [];
  const message: AssistantMessage = { role: 'assistant', content: parts };
  return { parts, said: { message, answers: [] } };
}

/** Answers stand with their calls: this API alone lets others speak between the two. */
function add(message: ChatMessage, said: Said[], calls: ReadonlyMap<string, Said>): void {
  const asked = message.role === 'tool' ? calls.get(message.toolCallId) : undefined;
  if (asked && message.role === 'tool') asked.answers.push(message);
  else said.push({ message, answers: [] });
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
