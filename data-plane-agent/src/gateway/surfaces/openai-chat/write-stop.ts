import type { ChatStop, StopReason } from '../../chat/chat-answer.ts';

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
  other: 'stop',
};

/** Writes `finish_reason`: the provider's own word where it is of this wire. */
export function writeStop(stop: ChatStop): unknown {
  return stop.original.wire === 'openai-chat' ? stop.original.value : WORDS[stop.reason];
}
