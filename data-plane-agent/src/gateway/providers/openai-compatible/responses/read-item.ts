import type {
  Citation,
  ImagePart,
  OtherPart,
  OutputPart,
  ReasoningPart,
  RefusalPart,
  TextPart,
} from '../../../chat/chat-content.ts';
import { isObject, type JsonObject, takeExtra } from '../../../chat/wire.ts';
import { WIRE } from './responses-wire.ts';

const MESSAGE_FIELDS = new Set(['type', 'id', 'status', 'role', 'content']);
const TEXT_FIELDS = new Set(['type', 'text', 'annotations', 'logprobs']);
const CALL_FIELDS = new Set(['type', 'id', 'status', 'call_id', 'name', 'namespace', 'arguments', 'input']);
const REASONING_FIELDS = new Set(['type', 'id', 'status', 'summary', 'content', 'encrypted_content']);
const IMAGE_FIELDS = new Set(['type', 'result']);

/** The client's names for tools whose names had to change. */
export type ChangedNames = ReadonlyMap<string, string> | undefined;

/** One item of the output. What the neutral form has no words for stays as it is. */
export function readItem(item: JsonObject, names: ChangedNames): OutputPart[] {
  switch (item.type) {
    case 'message':
      return readMessage(item);
    case 'reasoning':
      return readReasoning(item);
    case 'function_call':
    case 'custom_tool_call':
      return [readCall(item, names)];
    case 'image_generation_call':
      return [readImage(item) ?? other(item)];
    default:
      return [other(item)];
  }
}

function other(value: unknown): OtherPart {
  return { type: 'other', original: { wire: WIRE, value } };
}

/** What the message says of itself stands with its first text or refusal. */
function readMessage(item: JsonObject): OutputPart[] {
  const content = Array.isArray(item.content) ? item.content.filter(isObject) : [];
  const own = takeExtra(WIRE, item, MESSAGE_FIELDS);
  let told = own === undefined;
  return content.map((part): OutputPart => {
    const read = readContent(part);
    if (told || read.type === 'other') return read;
    told = true;
    return { ...read, extra: { wire: WIRE, fields: { ...read.extra?.fields, ...own?.fields } } };
  });
}

function readContent(part: JsonObject): TextPart | RefusalPart | OtherPart {
  if (part.type === 'refusal' && typeof part.refusal === 'string')
    return { type: 'refusal', text: part.refusal };
  if (part.type === 'output_text' && typeof part.text === 'string') return readText(part, part.text);
  return other(part);
}

function readText(part: JsonObject, text: string): TextPart {
  const citations = Array.isArray(part.annotations) ? part.annotations.map(readAnnotation) : [];
  const extra = takeExtra(WIRE, part, TEXT_FIELDS);
  return { type: 'text', text, ...(citations.length > 0 && { citations }), ...(extra && { extra }) };
}

/** A place on the web, or a file by its name; of others, and of the rest, the wire's own form says all. */
export function readAnnotation(value: unknown): Citation {
  const original = { wire: WIRE, value } as const;
  if (!isObject(value)) return { original };
  const { url, title, filename, start_index: start, end_index: end } = value;
  const named = typeof title === 'string' ? title : filename;
  return {
    ...(typeof url === 'string' && { url }),
    ...(typeof named === 'string' && named !== '' && { title: named }),
    ...(typeof start === 'number' && { start }),
    ...(typeof end === 'number' && { end }),
    original,
  };
}

/** Each piece of text is a part; the last one carries the state, which completes the thought. */
function readReasoning(item: JsonObject): ReasoningPart[] {
  const parts: ReasoningPart[] = [
    ...readTexts(item.summary).map((text): ReasoningPart => ({ type: 'reasoning', text, summary: true })),
    ...readTexts(item.content).map((text): ReasoningPart => ({ type: 'reasoning', text })),
  ];
  const { id, encrypted_content: encrypted } = item;
  const extra = takeExtra(WIRE, item, REASONING_FIELDS);
  if (typeof encrypted !== 'string' || encrypted === '') {
    const last = parts.pop();
    return last ? [...parts, { ...last, ...(extra && { extra }) }] : [];
  }
  const last = parts.pop() ?? { type: 'reasoning', text: '' };
  const state = { ...(typeof id === 'string' && id !== '' && { id }), encrypted: { value: encrypted } };
  return [...parts, { ...last, ...state, ...(extra && { extra }) }];
}

function readTexts(list: unknown): string[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((part: unknown) =>
    isObject(part) && typeof part.text === 'string' && part.text !== '' ? [part.text] : [],
  );
}

function readCall(item: JsonObject, names: ChangedNames): OutputPart {
  const custom = item.type === 'custom_tool_call';
  const said = custom ? item.input : item.arguments;
  const extra = takeExtra(WIRE, item, CALL_FIELDS);
  return {
    type: 'tool_call',
    ...callOf(item, names),
    arguments: argumentText(said),
    ...(extra && { extra }),
  };
}

/** Which call it is, and of what tool. Servers that give calls no id of their own give their item one. */
export function callOf(item: JsonObject, names: ChangedNames) {
  const { call_id: callId, id, namespace } = item;
  const name = typeof item.name === 'string' ? item.name : '';
  return {
    id: typeof callId === 'string' && callId !== '' ? callId : typeof id === 'string' ? id : '',
    name: names?.get(name) ?? name,
    ...(item.type === 'custom_tool_call' && { custom: true }),
    ...(typeof namespace === 'string' && { namespace }),
  };
}

/** Some servers send the object itself in place of its text. */
export function argumentText(value: unknown): string {
  if (typeof value === 'string') return value;
  return value === undefined || value === null ? '' : JSON.stringify(value);
}

/** A picture that the model made; undefined where it failed. */
export function readImage(item: JsonObject): ImagePart | undefined {
  const { result, output_format: format } = item;
  if (typeof result !== 'string' || result === '') return undefined;
  const extra = takeExtra(WIRE, item, IMAGE_FIELDS);
  const mediaType = `image/${typeof format === 'string' ? format : 'png'}`;
  return { type: 'image', source: { kind: 'base64', mediaType, data: result }, ...(extra && { extra }) };
}
