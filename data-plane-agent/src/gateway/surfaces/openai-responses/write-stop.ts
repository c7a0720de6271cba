import type { ChatStop, StopReason } from '../../chat/chat-answer.ts';
import type { DroppedFields } from '../../chat/dropped-fields.ts';

/** Why an answer is incomplete, in the API's words; other reasons are complete answers. */
const INCOMPLETE: Readonly<Partial<Record<StopReason, string>>> = {
  length: 'max_output_tokens',
  context_full: 'max_output_tokens',
  content_filter: 'content_filter',
  refusal: 'content_filter',
};

const SAYS_LESS: ReadonlySet<StopReason> = new Set(['pause', 'failed', 'other']);

/** How a response ended. */
export interface ResponseEnd {
  readonly status: 'completed' | 'incomplete';
  readonly incomplete_details: { readonly reason: string } | null;
}

/** A reason that the wire has no word for is noted. */
export function writeStop(stop: ChatStop | undefined, dropped: DroppedFields): ResponseEnd {
  if (stop && SAYS_LESS.has(stop.reason)) dropped.add('incomplete_details.reason');
  const reason = stop && INCOMPLETE[stop.reason];
  if (reason === undefined) return { status: 'completed', incomplete_details: null };
  return { status: 'incomplete', incomplete_details: { reason } };
}
