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
  end_turn: 'end',
  tool_use: 'tool_calls',
  max_tokens: 'length',
};

/**
 * Reads `finish_reason`; undefined while there is none.
 *
 * @param calledTools the choice holds calls: some servers say `stop` even so
 */
export function readStop(value: unknown, calledTools: boolean): ChatStop | undefined {
  if (value === undefined || value === null) return undefined;
  const known = typeof value === 'string' && Object.hasOwn(REASONS, value) ? REASONS[value] : undefined;
  if (known === 'end' && calledTools)
    return { reason: 'tool_calls', original: { wire: 'openai-chat', value: 'tool_calls' } };
  return { reason: known ?? 'other', original: { wire: 'openai-chat', value } };
}
