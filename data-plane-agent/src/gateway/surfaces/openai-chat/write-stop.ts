import type { ChatStop, StopReason } from '../../chat/chat-answer.ts';
import type { DroppedFields } from '../../chat/dropped-fields.ts';

const WORDS: Readonly<Record<StopReason, string>> = {
  end: 'stop',
  stop_sequence: 'stop',
  length: 'length',
  tool_calls: 'tool_calls',
  content_filter: 'content_filter',
  refusal: 'content_filter',
  context_full: 'length',
  pause: 'stop',
  // Clients know no other word for an end that is neither of the rest.
  failed: 'stop',
  other: 'stop',
};
const SAYS_LESS: ReadonlySet<StopReason> = new Set(['pause', 'failed', 'other']);

/** Writes `finish_reason`: the provider's own word where it is of this wire. One that the wire has no word for is noted. */
export function writeStop(stop: ChatStop, path: string, dropped: DroppedFields): unknown {
  if (stop.original.wire === 'openai-chat') return stop.original.value;
  if (SAYS_LESS.has(stop.reason)) dropped.add(path);
  return WORDS[stop.reason];
}
