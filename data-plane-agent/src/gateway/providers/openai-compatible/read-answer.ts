import type { ChatAnswer, ChatChoice } from '../../chat/chat-answer.ts';
import type { OutputPart } from '../../chat/chat-content.ts';
import { isObject, type JsonObject, takeExtra } from '../../chat/wire.ts';
import { MalformedAnswerError } from './malformed-answer-error.ts';
import { readStop } from './read-stop.ts';
import { readUsage } from './read-usage.ts';

const WIRE = 'openai-chat';
const ANSWER_FIELDS = new Set(['id', 'object', 'created', 'model', 'choices', 'usage']);
const CHOICE_FIELDS = new Set(['index', 'message', 'finish_reason']);
const MESSAGE_FIELDS = new Set(['role', 'content', 'refusal', 'reasoning_content', 'tool_calls']);
const CALL_FIELDS = new Set(['id', 'type', 'function', 'index']);

/**
 * Reads a whole answer of `POST /chat/completions`. Lenient where servers differ: id, model and time may be missing.
 *
 * @throws MalformedAnswerError when there are no choices to read
 */
export function readAnswer(value: unknown): ChatAnswer {
  if (!isObject(value)) throw new MalformedAnswerError('the top');
  if (!Array.isArray(value.choices)) throw new MalformedAnswerError('choices');
  return {
    id: typeof value.id === 'string' ? value.id : '',
    model: typeof value.model === 'string' ? value.model : '',
    created: typeof value.created === 'number' ? value.created : 0,
    choices: value.choices.map(readChoice),
    usage: readUsage(value.usage),
    extra: takeExtra(WIRE, value, ANSWER_FIELDS),
  };
}

function readChoice(value: unknown, position: number): ChatChoice {
  if (!isObject(value) || !isObject(value.message)) throw new MalformedAnswerError(`choices[${position}]`);
  return {
    index: typeof value.index === 'number' ? value.index : position,
    content: readMessage(value.message),
    stop: readStop(value.finish_reason),
    extra: takeExtra(WIRE, value, CHOICE_FIELDS),
    messageExtra: takeExtra(WIRE, value.message, MESSAGE_FIELDS),
  };
}

function readMessage(message: JsonObject): OutputPart[] {
  const content: OutputPart[] = [];
  const { reasoning_content: reasoning, content: said, refusal, tool_calls: calls } = message;
  if (typeof reasoning === 'string' && reasoning !== '') content.push({ type: 'reasoning', text: reasoning });
  if (typeof said === 'string') content.push({ type: 'text', text: said });
  if (typeof refusal === 'string') content.push({ type: 'refusal', text: refusal });
  if (Array.isArray(calls)) content.push(...calls.map(readToolCall));
  return content;
}

function readToolCall(call: unknown): OutputPart {
  const called = isObject(call) ? call.function : undefined;
  if (isObject(call) && isObject(called) && typeof called.name === 'string') {
    return {
      type: 'tool_call',
      id: typeof call.id === 'string' ? call.id : '',
      name: called.name,
      arguments: writeArguments(called.arguments),
      extra: takeExtra(WIRE, call, CALL_FIELDS),
    };
  }
  return { type: 'other', original: { wire: WIRE, value: { tool_call: call } } };
}

/** Some servers send the object itself in place of its text. */
function writeArguments(value: unknown): string {
  if (typeof value === 'string') return value;
  return value === undefined || value === null ? '' : JSON.stringify(value);
}
