import type { ChatAnswer, ChatChoice, ChatStop } from '../../chat/chat-answer.ts';
import type { Citation, OutputPart } from '../../chat/chat-content.ts';
import { isObject, type JsonObject, takeExtra } from '../../chat/wire.ts';
import { MalformedAnswerError } from '../malformed-answer-error.ts';
import { readAnnotation, readSources, withAnnotations } from './read-citations.ts';
import { readContentList } from './read-content-list.ts';
import { readErrorObject } from './read-error.ts';
import {
  argumentsText,
  customOf,
  onlyCall,
  readAudio,
  readCallSignature,
  readImages,
  readReasoning,
} from './read-parts.ts';
import { readStop, unsaidStop } from './read-stop.ts';
import { readUsage } from './read-usage.ts';
import { madeCallId, type ToolName } from './tool-names.ts';

const WIRE = 'openai-chat';
const ANSWER_FIELDS = new Set(['id', 'object', 'created', 'model', 'choices', 'usage']);
/** With a text that the sources of the whole answer belong to. */
const SOURCED_ANSWER_FIELDS = new Set([...ANSWER_FIELDS, 'citations', 'search_results']);
/** Perplexity has an empty delta beside the message. */
const CHOICE_FIELDS = new Set(['index', 'message', 'finish_reason', 'delta']);
const MESSAGE_FIELDS = new Set([
  'role',
  'content',
  'refusal',
  'reasoning_content',
  'reasoning',
  'reasoning_details',
  'tool_calls',
  'function_call',
  'annotations',
  'audio',
  'images',
]);
/** Without a text there is nothing that annotations could belong to; of some kinds nothing is known. */
const UNANNOTATED_FIELDS = new Set([...MESSAGE_FIELDS].filter((name) => name !== 'annotations'));
const CALL_FIELDS = new Set(['id', 'type', 'function', 'custom', 'index']);
const SIGNED_CALL_FIELDS = new Set([...CALL_FIELDS, 'extra_content']);

/**
 * Reads a whole answer of `POST /chat/completions`. Lenient where servers differ: id, model and time may be missing.
 *
 * @param names the client's names for tools whose names had to change
 * @throws MalformedAnswerError when there are no choices to read
 */
export function readAnswer(value: unknown, names?: ReadonlyMap<string, ToolName>): ChatAnswer {
  if (!isObject(value)) throw new MalformedAnswerError('the top');
  if (!Array.isArray(value.choices)) throw new MalformedAnswerError('choices');
  const id = typeof value.id === 'string' ? value.id : '';
  const sources = readSources(value) ?? [];
  const choices = value.choices.map((choice: unknown, position) =>
    readChoice(choice, position, { id, names, sources }),
  );
  const sourced = choices.some(({ content }) => content.some((part) => part.type === 'text'));
  return {
    id,
    model: typeof value.model === 'string' ? value.model : '',
    created: typeof value.created === 'number' ? value.created : 0,
    choices,
    usage: readUsage(value),
    extra: takeExtra(WIRE, value, sourced ? SOURCED_ANSWER_FIELDS : ANSWER_FIELDS),
  };
}

/** What the whole answer says to each of its choices. */
interface AnswerContext {
  readonly id: string;
  readonly names: ReadonlyMap<string, ToolName> | undefined;
  readonly sources: readonly Citation[];
}

function readChoice(value: unknown, position: number, context: AnswerContext): ChatChoice {
  if (!isObject(value)) throw new MalformedAnswerError(`choices[${position}]`);
  const message = isObject(value.message) ? value.message : {};
  // Azure leaves the message out where its filter took all of it.
  if (!isObject(value.message) && typeof value.finish_reason !== 'string' && !isObject(value.error))
    throw new MalformedAnswerError(`choices[${position}].message`);
  const index = typeof value.index === 'number' ? value.index : position;
  const content = readMessage(message, (call) => madeCallId(context.id, index, call), context);
  const calls = content.some((part) => part.type === 'tool_call');
  return {
    index,
    content,
    stop: readFailure(value) ?? readStop(value.finish_reason, calls) ?? unsaidStop(calls),
    extra: takeExtra(WIRE, value, CHOICE_FIELDS),
    messageExtra: takeExtra(WIRE, message, readsAnnotations(message) ? MESSAGE_FIELDS : UNANNOTATED_FIELDS),
  };
}

/**
 * OpenRouter answers 200 also where the provider behind it failed in the middle: with its error, or with its word for it in a
 * member of its own (`MALFORMED_FUNCTION_CALL`).
 */
function readFailure(choice: JsonObject): ChatStop | undefined {
  const { finish_reason: reason, native_finish_reason: native, error } = choice;
  const original = { wire: WIRE, value: native ?? reason } as const;
  if (isObject(error)) return { reason: 'failed', error: readErrorObject(error), original };
  return reason === 'error' ? { reason: 'failed', original } : undefined;
}

/** Whether all annotations became citations of the text. */
function readsAnnotations({ content, annotations }: JsonObject): boolean {
  if (!Array.isArray(annotations)) return true;
  return typeof content === 'string' && annotations.every((one) => readAnnotation(one).length > 0);
}

function readMessage(
  message: JsonObject,
  makeId: (call: number) => string,
  { names, sources }: AnswerContext,
): OutputPart[] {
  const content: OutputPart[] = [...readReasoning(message)];
  const { content: said, refusal, tool_calls: calls } = message;
  if (typeof said === 'string') content.push(withAnnotations(said, message.annotations, sources));
  else if (Array.isArray(said)) content.push(...readContentList(said));
  if (typeof refusal === 'string' && refusal !== '') content.push({ type: 'refusal', text: refusal });
  const audio = readAudio(message.audio);
  if (audio) content.push(audio);
  if (Array.isArray(message.images)) content.push(...readImages(message.images));
  const only = onlyCall(message);
  if (Array.isArray(calls)) {
    content.push(...calls.map((call: unknown, index) => readToolCall(call, () => makeId(index), names)));
  } else if (only) {
    content.push(readToolCall({ function: only }, () => makeId(0), names));
  }
  return content;
}

function readToolCall(
  call: unknown,
  makeId: () => string,
  names: ReadonlyMap<string, ToolName> | undefined,
): OutputPart {
  const original = { type: 'other', original: { wire: WIRE, value: { tool_call: call } } } as const;
  if (!isObject(call)) return original;
  const custom = customOf(call);
  const called = custom ?? (isObject(call.function) ? call.function : undefined);
  if (!called || typeof called.name !== 'string') return original;
  const signature = readCallSignature(call);
  return {
    type: 'tool_call',
    id: typeof call.id === 'string' && call.id !== '' ? call.id : makeId(),
    ...(names?.get(called.name) ?? { name: called.name }),
    arguments: (custom ? textOf(custom.input) : argumentsText(called.arguments)) ?? '',
    ...(custom && { custom: true }),
    ...(signature && { signature }),
    extra: takeExtra(WIRE, call, signature ? SIGNED_CALL_FIELDS : CALL_FIELDS),
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
