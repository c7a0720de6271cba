import type { ChatStop, StopReason } from '../../chat/chat-answer.ts';
import { isObject } from '../../chat/wire.ts';

const REASONS: Readonly<Record<string, StopReason>> = {
  end_turn: 'end',
  stop_sequence: 'stop_sequence',
  max_tokens: 'length',
  tool_use: 'tool_calls',
  refusal: 'refusal',
  pause_turn: 'pause',
  // The client sends the summary back to go on.
  compaction: 'pause',
  model_context_window_exceeded: 'context_full',
};

/** Reads `stop_reason` and `stop_sequence`; undefined while there is none. */
export function readStop(reason: unknown, sequence: unknown): ChatStop | undefined {
  if (reason === undefined || reason === null) return undefined;
  const known = typeof reason === 'string' && Object.hasOwn(REASONS, reason) ? REASONS[reason] : undefined;
  return {
    reason: known ?? 'other',
    ...(typeof sequence === 'string' && { sequence }),
    original: { wire: 'anthropic-messages', value: reason },
  };
}

/** Why the API does not answer, in words for people; they stand in `stop_details`. Undefined where it gives none. */
export function readRefusal(details: unknown): string | undefined {
  if (!isObject(details) || details.type !== 'refusal') return undefined;
  return typeof details.explanation === 'string' && details.explanation !== ''
    ? details.explanation
    : undefined;
}
