import type { ChatAnswer, ChatChoice } from '../../../chat/chat-answer.ts';
import { isObject, type JsonObject } from '../../../chat/wire.ts';
import { MalformedAnswerError } from '../../malformed-answer-error.ts';
import { type ChangedNames, readItem } from './read-item.ts';
import {
  chatLogprobs,
  readIdentity,
  readMore,
  readResponseStop,
  readResponseUsage,
  readTier,
} from './read-response.ts';

/** States in which there is no answer, and none will come. */
const WITHOUT_ANSWER: ReadonlySet<unknown> = new Set(['failed', 'cancelled', 'queued', 'in_progress']);

/**
 * Reads a whole answer of `POST /responses`.
 *
 * @param names the client's names for tools whose names had to change
 * @throws MalformedAnswerError when there is no output to read, or it failed
 */
export function readAnswer(value: unknown, names?: ChangedNames): ChatAnswer {
  if (!isObject(value)) throw new MalformedAnswerError('the top');
  if (isObject(value.error)) throw new MalformedAnswerError('error');
  if (WITHOUT_ANSWER.has(value.status)) throw new MalformedAnswerError('status');
  return {
    ...readIdentity(value),
    choices: [readChoice(value, names)],
    usage: readResponseUsage(value),
    extra: readTier(value),
  };
}

function readChoice(response: JsonObject, names: ChangedNames): ChatChoice {
  if (!Array.isArray(response.output)) throw new MalformedAnswerError('output');
  const items = response.output.map((item: unknown, index) => {
    if (isObject(item)) return item;
    throw new MalformedAnswerError(`output[${index}]`);
  });
  const content = items.flatMap((item) => readItem(item, names));
  const logprobs = items.flatMap(logprobsOf);
  return {
    index: 0,
    content,
    stop: readResponseStop(
      response,
      content.some((part) => part.type === 'tool_call'),
    ),
    ...(logprobs.length > 0 && { extra: { wire: 'openai-chat', fields: chatLogprobs(logprobs) } as const }),
    messageExtra: readMore(response),
  };
}

function logprobsOf(item: JsonObject): unknown[] {
  if (item.type !== 'message' || !Array.isArray(item.content)) return [];
  return item.content.flatMap((part: unknown): unknown[] =>
    isObject(part) && Array.isArray(part.logprobs) ? part.logprobs : [],
  );
}
