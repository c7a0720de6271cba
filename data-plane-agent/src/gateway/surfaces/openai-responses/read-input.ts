import type { OutputPart, ReasoningPart } from '../../chat/chat-content.ts';
import type { AssistantMessage, ChatMessage, ToolMessage } from '../../chat/chat-request.ts';
import { isObject, type JsonObject, takeExtra } from '../../chat/wire.ts';
import { GatewayError } from '../../errors/gateway-error.ts';
import { readField, requireField, requireObject } from '../read-field.ts';
import { other, readContent, readInputPart, readOutputPart, readTextPart, WIRE } from './read-content.ts';
import { readReasoningState } from './reasoning-state.ts';

const MESSAGE_FIELDS = new Set(['type', 'role', 'content', 'id', 'status']);
const CALL_FIELDS = new Set(['type', 'id', 'call_id', 'name', 'arguments', 'input', 'namespace', 'status']);
const OUTPUT_FIELDS = new Set(['type', 'id', 'call_id', 'output', 'status', 'name', 'namespace']);
const REASONING_FIELDS = new Set(['type', 'id', 'summary', 'content', 'encrypted_content', 'status']);

/** Items that the model made, besides those that the neutral form has words for. */
const MADE_BY_MODEL = /_call$|^(?:reasoning|compaction|mcp_list_tools|mcp_approval_request|program)$/;

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

function isMessage({ type, role }: JsonObject): boolean {
  return type === 'message' || ((type === undefined || type === null) && typeof role === 'string');
}

/** What the model said in an item; undefined for an item of the user's or a tool's. */
function readOutputItem(item: JsonObject, path: string): readonly OutputPart[] | undefined {
  if (isMessage(item)) return item.role === 'assistant' ? readAssistant(item, path) : undefined;
  switch (item.type) {
    case 'function_call':
    case 'custom_tool_call':
      return [readCall(item, path)];
    case 'reasoning':
      return readReasoning(item, path);
    case 'image_generation_call':
      return [readImage(item)];
    default:
      return typeof item.type === 'string' && MADE_BY_MODEL.test(item.type) ? [other(item)] : undefined;
  }
}

function readAssistant(item: JsonObject, path: string): OutputPart[] {
  const parts = readContent(item.content, readOutputPart, `${path}.content`);
  const extra = takeExtra(WIRE, item, MESSAGE_FIELDS);
  if (!extra) return parts;
  // The message may become a part of a longer one, so that what it says of itself goes with its text.
  const at = parts.findIndex((part) => part.type === 'text');
  return parts.map((part, index) =>
    index === at && part.type === 'text'
      ? { ...part, extra: { wire: WIRE, fields: { ...part.extra?.fields, ...extra.fields } } }
      : part,
  );
}

function readCall(item: JsonObject, path: string): OutputPart {
  const inside = `${path}.`;
  const custom = item.type === 'custom_tool_call';
  const namespace = readField(item, 'namespace', 'string', inside);
  return {
    type: 'tool_call',
    id: requireField(item, 'call_id', 'string', inside),
    name: requireField(item, 'name', 'string', inside),
    arguments: requireField(item, custom ? 'input' : 'arguments', 'string', inside),
    ...(custom && { custom }),
    ...(namespace !== undefined && { namespace }),
    extra: takeExtra(WIRE, item, CALL_FIELDS),
  };
}

/** Each text of the item is a part; the last one carries the state, which completes the thought. */
function readReasoning(item: JsonObject, path: string): ReasoningPart[] {
  const inside = `${path}.`;
  const texts = [
    ...readTexts(readField(item, 'summary', 'array', inside), true),
    ...readTexts(readField(item, 'content', 'array', inside), false),
  ];
  const encrypted = readField(item, 'encrypted_content', 'string', inside);
  const state = encrypted === undefined ? {} : readReasoningState(encrypted);
  const own = readField(item, 'id', 'string', inside);
  // A signature belongs to the thought's own words, which this surface shows as a summary.
  const shown = (summary: boolean) => summary && !('signature' in state) && { summary };
  const last = texts.pop() ?? { text: '', summary: false };
  if (last.text === '' && encrypted === undefined && texts.length === 0) return [];
  return [
    ...texts.map(({ text, summary }): ReasoningPart => ({ type: 'reasoning', text, ...shown(summary) })),
    {
      type: 'reasoning',
      text: last.text,
      ...shown(last.summary),
      ...(own !== undefined && !MADE_ID.test(own) && { id: own }),
      ...state,
      extra: takeExtra(WIRE, item, REASONING_FIELDS),
    },
  ];
}

/** Ids of reasoning items that this surface made itself. */
const MADE_ID = /^rs_.*_\d+$/;

function readTexts(parts: readonly unknown[] | undefined, summary: boolean) {
  return (parts ?? []).flatMap((part) =>
    isObject(part) && typeof part.text === 'string' ? [{ text: part.text, summary }] : [],
  );
}

/** A picture that the model made. */
function readImage(item: JsonObject): OutputPart {
  if (typeof item.result !== 'string') return other(item);
  const format = typeof item.output_format === 'string' ? item.output_format : 'png';
  return {
    type: 'image',
    source: { kind: 'base64', mediaType: `image/${format}`, data: item.result },
  };
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
