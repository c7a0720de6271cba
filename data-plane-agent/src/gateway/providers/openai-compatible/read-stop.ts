import type { ChatStop, StopReason } from '../../chat/chat-answer.ts';

/** `stop` also stands for a stop sequence on this wire; which of the two it was cannot be told. */
const REASONS: Readonly<Record<string, StopReason>> = {
  stop: 'end',
  length: 'length',
  tool_calls: 'tool_calls',
  function_call: 'tool_calls',
  content_filter: 'content_filter',
  // Mistral's, and those of servers that pass on what they were given.
  model_length: 'context_full',
  eos: 'end',
  // Text Generation Inference.
  eos_token: 'end',
  stop_sequence: 'stop_sequence',
  end_turn: 'end',
  tool_use: 'tool_calls',
  max_tokens: 'length',
  refusal: 'refusal',
  // Z.ai's.
  sensitive: 'content_filter',
  model_context_window_exceeded: 'context_full',
  network_error: 'failed',
  // DeepSeek's, and that of Gemini's compatible endpoint for a call that it could not read.
  insufficient_system_resource: 'failed',
  function_call_filter: 'failed',
};

/**
 * Reads `finish_reason`; undefined while there is none.
 *
 * @param calledTools the choice holds calls: some servers say `stop` even so
 */
export function readStop(value: unknown, calledTools: boolean): ChatStop | undefined {
  // Some servers write an empty word into each chunk.
  if (value === undefined || value === null || value === '') return undefined;
  const known = typeof value === 'string' ? reasonOf(value) : undefined;
  if (known === 'end' && calledTools)
    return { reason: 'tool_calls', original: { wire: 'openai-chat', value: 'tool_calls' } };
  return { reason: known ?? 'other', original: { wire: 'openai-chat', value } };
}

/** Gemini's compatible endpoint says more behind a colon: `content_filter: PROHIBITED_CONTENT`. Some servers shout. */
function reasonOf(word: string): StopReason | undefined {
  const main = (word.split(':', 1)[0] ?? '').toLowerCase();
  return Object.hasOwn(REASONS, main) ? REASONS[main] : undefined;
}

/** Why a choice is over whose server gave no reason. */
export function unsaidStop(calledTools: boolean): ChatStop {
  return calledTools
    ? { reason: 'tool_calls', original: { wire: 'openai-chat', value: 'tool_calls' } }
    : { reason: 'end', original: { wire: 'openai-chat', value: 'stop' } };
}
