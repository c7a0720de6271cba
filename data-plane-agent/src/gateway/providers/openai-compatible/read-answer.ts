import type { ChatAnswer, ChatChoice } from '../../chat/chat-answer.ts';
import type { OutputPart } from '../../chat/chat-content.ts';
import { isObject, type JsonObject, takeExtra } from '../../chat/wire.ts';
import { MalformedAnswerError } from '../malformed-answer-error.ts';
import {
  readAudio,
  readCallSignature,
  readContentList,
  readImages,
  readReasoning,
  withAnnotations,
} from './read-parts.ts';
import { readStop } from './read-stop.ts';
import { readUsage } from './read-usage.ts';
import { madeCallId, type ToolName } from './tool-names.ts';

const WIRE = 'openai-chat';
const ANSWER_FIELDS = new Set(['id', 'object', 'created', 'model', 'choices', 'usage']);
const CHOICE_FIELDS = new Set(['index', 'message', 'finish_reason']);
const MESSAGE_FIELDS = new Set([
  'role',
  'content',
  'refusal',
  'reasoning_content',
  'reasoning',
  'reasoning_details',
  'tool_calls',
  'annotations',
  'audio',
  'images',
]);
/** Without a text there is nothing that annotations could belong to. */
const TEXTLESS_FIELDS = new Set([...MESSAGE_FIELDS].filter((name) => name !== 'annotations'));
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
  return {
    id,
    model: typeof value.model === 'string' ? value.model : '',
    created: typeof value.created === 'number' ? value.created : 0,
    choices: value.choices.map((choice: unknown, position) => readChoice(choice, position, id, names)),
    usage: readUsage(value.usage) ?? readUsage(isObject(value.x_groq) ? value.x_groq.usage : undefined),
    extra: takeExtra(WIRE, value, ANSWER_FIELDS),
  };
}

function readChoice(
  value: unknown,
  position: number,
  answerId: string,
  names: ReadonlyMap<string, ToolName> | undefined,
): ChatChoice {
  if (!isObject(value)) throw new MalformedAnswerError(`choices[${position}]`);
  const message = isObject(value.message) ? value.message : {};
  // Azure leaves the message out where its filter took all of it.
  if (!isObject(value.message) && typeof value.finish_reason !== 'string')
    throw new MalformedAnswerError(`choices[${position}].message`);
  const index = typeof value.index === 'number' ? value.index : position;
  const content = readMessage(message, (call) => madeCallId(answerId, index, call), names);
  return {
    index,
    content,
    stop: readStop(
      value.finish_reason,
      content.some((part) => part.type === 'tool_call'),
    ),
    extra: takeExtra(WIRE, value, CHOICE_FIELDS),
    messageExtra: takeExtra(
      WIRE,
      message,
      typeof message.content === 'string' ? MESSAGE_FIELDS : TEXTLESS_FIELDS,
    ),
  };
}

function readMessage(
  message: JsonObject,
  makeId: (call: number) => string,
  names: ReadonlyMap<string, ToolName> | undefined,
): OutputPart[] {
  const content: OutputPart[] = [...readReasoning(message)];
  const { content: said, refusal, tool_calls: calls } = message;
  if (typeof said === 'string') content.push(withAnnotations(said, message.annotations));
  else if (Array.isArray(said)) content.push(...readContentList(said));
  if (typeof refusal === 'string') content.push({ type: 'refusal', text: refusal });
  const audio = readAudio(message.audio);
  if (audio) content.push(audio);
  if (Array.isArray(message.images)) content.push(...readImages(message.images));
  if (Array.isArray(calls)) {
    content.push(...calls.map((call: unknown, index) => readToolCall(call, () => makeId(index), names)));
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
  const custom = isObject(call.custom) ? call.custom : undefined;
  const called = custom ?? (isObject(call.function) ? call.function : undefined);
  if (!called || typeof called.name !== 'string') return original;
  const signature = readCallSignature(call);
  return {
    type: 'tool_call',
    id: typeof call.id === 'string' && call.id !== '' ? call.id : makeId(),
    ...(names?.get(called.name) ?? { name: called.name }),
    arguments: writeArguments(custom ? custom.input : called.arguments),
    ...(custom && { custom: true }),
    ...(signature && { signature }),
    extra: takeExtra(WIRE, call, signature ? SIGNED_CALL_FIELDS : CALL_FIELDS),
  };
}

/** Some servers send the object itself in place of its text. */
function writeArguments(value: unknown): string {
  if (typeof value === 'string') return value;
  return value === undefined || value === null ? '' : JSON.stringify(value);
}
