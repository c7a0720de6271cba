import type { ChatEvent } from '../../chat/chat-event.ts';
import { isObject, type JsonObject } from '../../chat/wire.ts';
import { readErrorObject } from './read-error.ts';

/**
 * Where servers put an error of the middle of a stream: OpenAI's place, Mistral's and vLLM's, Groq's, OpenRouter's; or they
 * send what their error answers are, as Cerebras and Databricks have them: a sentence without any choices.
 */
export function errorIn(chunk: JsonObject): unknown {
  if (chunk.error !== undefined && chunk.error !== null) return chunk.error;
  if (chunk.object === 'error') return chunk;
  if (chunk.choices === undefined && typeof chunk.message === 'string') return chunk;
  if (isObject(chunk.x_groq) && typeof chunk.x_groq.error === 'string') return chunk.x_groq.error;
  if (!Array.isArray(chunk.choices)) return undefined;
  for (const choice of chunk.choices) {
    if (!isObject(choice)) continue;
    if (isObject(choice.error)) return choice.error;
    if (choice.finish_reason === 'error') return unsaidError(choice.native_finish_reason);
  }
  return undefined;
}

/** Mistral and OpenRouter may say no more than that it failed, and OpenRouter by what word of the provider behind it. */
function unsaidError(word: unknown): JsonObject {
  const code = typeof word === 'string' && word !== 'error' ? word : undefined;
  const message = `The provider ended its answer with an error${code === undefined ? '' : `: ${code}`}.`;
  return code === undefined ? { message } : { message, code };
}

/** An error in the middle of a stream, as an event. */
export function errorEvent(error: unknown): ChatEvent {
  return { type: 'error', error: readErrorObject(error), original: { wire: 'openai-chat', value: error } };
}
