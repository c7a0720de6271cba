import type { ChatEvent } from '../../chat/chat-event.ts';
import { isObject, type JsonObject } from '../../chat/wire.ts';
import { readErrorObject } from './read-error.ts';

/** Where servers put an error of the middle of a stream: OpenAI's place, Mistral's and vLLM's, Groq's, OpenRouter's. */
export function errorIn(chunk: JsonObject): unknown {
  if (chunk.error !== undefined && chunk.error !== null) return chunk.error;
  if (chunk.object === 'error') return chunk;
  if (isObject(chunk.x_groq) && typeof chunk.x_groq.error === 'string') return chunk.x_groq.error;
  if (!Array.isArray(chunk.choices)) return undefined;
  for (const choice of chunk.choices) {
    if (!isObject(choice)) continue;
    if (isObject(choice.error)) return choice.error;
    // Mistral and OpenRouter may say no more than that.
    if (choice.finish_reason === 'error') return {};
  }
  return undefined;
}

/** An error in the middle of a stream, as an event. */
export function errorEvent(error: unknown): ChatEvent {
  return { type: 'error', error: readErrorObject(error), original: { wire: 'openai-chat', value: error } };
}
