import type { ChatStop, StopReason } from '../../chat/chat-answer.ts';
import type { DroppedFields } from '../../chat/dropped-fields.ts';

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
  failed: 'end_turn',
  other: 'end_turn',
};

/** `stop_reason` and `stop_sequence`. A reason that the wire has no word for is noted. */
export function writeStop(stop: ChatStop | undefined, path: string, dropped: DroppedFields) {
  if (!stop) return { stop_reason: null, stop_sequence: null };
  const own = stop.original.wire === 'anthropic-messages' ? stop.original.value : undefined;
  if (own === undefined && (stop.reason === 'failed' || stop.reason === 'other')) dropped.add(path);
  return {
    stop_reason: typeof own === 'string' ? own : WORDS[stop.reason],
    stop_sequence: stop.sequence ?? null,
  };
}
