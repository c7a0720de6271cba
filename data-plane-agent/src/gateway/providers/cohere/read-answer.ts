import type { ChatAnswer, ChatUsage } from '../../chat/chat-answer.ts';
import type { OutputPart, TextPart } from '../../chat/chat-content.ts';
import { isObject, type JsonObject, takeExtra } from '../../chat/wire.ts';
import { readCohereUsage } from '../../metering/read-cohere-usage.ts';
import { MalformedAnswerError } from '../malformed-answer-error.ts';
import { GrowingText, readCitations } from './read-citation.ts';
import { readStop } from './read-stop.ts';
import type { NamedTool } from './tool-names.ts';

const WIRE = 'cohere-chat';
const ANSWER_FIELDS = new Set(['id', 'message', 'finish_reason', 'usage', 'model']);

/**
 * Reads a whole answer of `POST /v2/chat`.
 *
 * @param names the client's names for tools whose names had to change
 * @throws MalformedAnswerError
 */
export function readAnswer(body: JsonObject, names: ReadonlyMap<string, NamedTool> = new Map()): ChatAnswer {
  const { message } = body;
  if (!isObject(message)) throw new MalformedAnswerError('message');
  const content = [...readSaid(message), ...readCalls(message.tool_calls, names)];
  const calls = content.some((part) => part.type === 'tool_call');
  return {
    id: typeof body.id === 'string' ? body.id : '',
    model: typeof body.model === 'string' ? body.model : '',
    created: 0,
    choices: [{ index: 0, content, stop: readStop(body.finish_reason, calls) }],
    usage: readUsage(body.usage),
    extra: takeExtra(WIRE, body, ANSWER_FIELDS),
  };
}

export function readUsage(value: unknown): ChatUsage | undefined {
  const counts = readCohereUsage(value);
  return counts && { counts, original: { wire: WIRE, value } };
}

function readSaid(message: JsonObject): OutputPart[] {
  const { content, tool_plan: plan } = message;
  const parts: OutputPart[] = [];
  const list: unknown[] = Array.isArray(content) ? content : typeof content === 'string' ? [content] : [];
  const texts = new Map<number, TextPart>();
  list.forEach((item, index) => {
    const part = readPart(item, index);
    if (part.type === 'text') texts.set(index, part);
    parts.push(part);
  });
  if (Array.isArray(message.citations)) {
    for (const citation of message.citations) cite(citation, parts, texts);
  }
  if (typeof plan === 'string' && plan !== '') parts.push({ type: 'text', text: plan });
  return parts;
}

function readPart(item: unknown, index: number): OutputPart {
  if (typeof item === 'string') return { type: 'text', text: item };
  if (!isObject(item)) throw new MalformedAnswerError(`message.content[${index}]`);
  if (typeof item.text === 'string') return { type: 'text', text: item.text };
  if (typeof item.thinking === 'string') return { type: 'reasoning', text: item.thinking };
  return { type: 'other', original: { wire: WIRE, value: item } };
}

/** Puts a citation to the text that it is about; the last one where it does not say. */
function cite(value: unknown, parts: OutputPart[], texts: Map<number, TextPart>): void {
  const named = isObject(value) && typeof value.content_index === 'number' ? value.content_index : undefined;
  const index = named !== undefined && texts.has(named) ? named : [...texts.keys()].at(-1);
  const part = index === undefined ? undefined : texts.get(index);
  if (index === undefined || !part) return;
  const places = new GrowingText();
  places.add(part.text);
  const citations = readCitations(value, places);
  if (citations.length === 0) return;
  const cited = { ...part, citations: [...(part.citations ?? []), ...citations] };
  texts.set(index, cited);
  parts[index] = cited;
}

function readCalls(calls: unknown, names: ReadonlyMap<string, NamedTool>): OutputPart[] {
  if (!Array.isArray(calls)) return [];
  return calls.map((call: unknown, index): OutputPart => {
    const called = isObject(call) ? call.function : undefined;
    if (!isObject(call) || !isObject(called) || typeof called.name !== 'string')
      throw new MalformedAnswerError(`message.tool_calls[${index}]`);
    return {
      type: 'tool_call',
      id: typeof call.id === 'string' && call.id !== '' ? call.id : `call_${index}`,
      ...(names.get(called.name) ?? { name: called.name }),
      arguments: argumentsOf(called.arguments),
    };
  });
}

/** JSON text; some answers hold the object itself. */
export function argumentsOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return value === undefined || value === null ? '' : JSON.stringify(value);
}
