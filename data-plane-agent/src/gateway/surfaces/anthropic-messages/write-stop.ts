import type { ChatStop, StopReason } from '../../chat/chat-answer.ts';

const WORDS: Readonly<Record<StopReason, string>> = {
  end: 'end_turn',
  stop_sequence: 'stop_sequence',
  length: 'max_tokens',
  tool_calls: 'tool_use',
  content_filter: 'refusal',
  refusal: 'refusal',
  context_full: 'model_context_window_exceeded',
  pause: 'pause_turn',
  // Clients know no other word for an end that is neither of the rest.
  other: 'end_turn',
};

/** `stop_reason` and `stop_sequence`. */
export function writeStop(stop: ChatStop | undefined) {
  if (!stop) return { stop_reason: null, stop_sequence: null };
  const own = stop.original.wire === 'anthropic-messages' ? stop.original.value : undefined;
  return {
    stop_reason: typeof own === 'string' ? own : WORDS[stop.reason],
    stop_sequence: stop.sequence ?? null,
  };
}
