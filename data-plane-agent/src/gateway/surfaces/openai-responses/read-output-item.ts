import type { OutputPart, ReasoningPart } from '../../chat/chat-content.ts';
import { isObject, type JsonObject, takeExtra } from '../../chat/wire.ts';
import { readField, requireField } from '../read-field.ts';
import { other, readContent, readOutputPart, WIRE } from './read-content.ts';
import { readReasoningState } from './reasoning-state.ts';

const CALL_FIELDS = new Set(['type', 'id', 'call_id', 'name', 'arguments', 'input', 'namespace', 'status']);
const REASONING_FIELDS = new Set(['type', 'id', 'summary', 'content', 'encrypted_content', 'status']);
const IMAGE_FIELDS = new Set(['type', 'result']);

/** Members of a message that are read, or say nothing of what it says. */
export const MESSAGE_FIELDS: ReadonlySet<string> = new Set(['type', 'role', 'content', 'id', 'status']);

/** Items that the model made, besides those that the neutral form has words for. */
const MADE_BY_MODEL = /_call$|^(?:reasoning|compaction|mcp_list_tools|mcp_approval_request|program)$/;

/** A message may leave its type out. */
export function isMessage({ type, role }: JsonObject): boolean {
  return type === 'message' || ((type === undefined || type === null) && typeof role === 'string');
}

/** What the model said in an item; undefined for an item of the user's or a tool's. */
export function readOutputItem(item: JsonObject, path: string): readonly OutputPart[] | undefined {
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
  const text = parts[at];
  if (text?.type !== 'text') return parts;
  const fields = { ...text.extra?.fields, ...extra.fields };
  return parts.with(at, { ...text, extra: { wire: WIRE, fields } });
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
    extra: takeExtra(WIRE, item, IMAGE_FIELDS),
  };
}
