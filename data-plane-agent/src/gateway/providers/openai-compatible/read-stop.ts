import type { ChatStop, StopReason } from '../../chat/chat-answer.ts';

/** `stop` also stands for a stop sequence on this wire; which of the two it was cannot be told. */
const REASONS: Readonly<Record<string, StopReason>> = {
  stop: 'end',
  length: 'length',
  tool_calls: 'tool_calls',
  function_call: 'tool_calls',
  content_filter: 'content_filter',
};

/** Reads `finish_reason`; undefined while there is none. */
export function readStop(value: unknown): ChatStop | undefined {
  if (value === undefined || value === null) return undefined;
  const known = typeof value === 'string' && Object.hasOwn(REASONS, value) ? REASONS[value] : undefined;
  return { reason: known ?? 'other', original: { wire: 'openai-chat', value } };
}
