import type { ChatStop, StopReason } from '../../chat/chat-answer.ts';

const REASONS: Readonly<Record<string, StopReason>> = {
  COMPLETE: 'end',
  STOP_SEQUENCE: 'stop_sequence',
  MAX_TOKENS: 'length',
  TOOL_CALL: 'tool_calls',
  ERROR_TOXIC: 'content_filter',
  ERROR_LIMIT: 'context_full',
  ERROR: 'failed',
  TIMEOUT: 'failed',
};

/** @param calledTools the answer holds calls, whatever the reason says */
export function readStop(value: unknown, calledTools: boolean): ChatStop {
  const original = { wire: 'cohere-chat', value } as const;
  const known = typeof value === 'string' && Object.hasOwn(REASONS, value) ? REASONS[value] : undefined;
  if (calledTools && known === 'end') return { reason: 'tool_calls', original };
  return { reason: known ?? 'other', original };
}
