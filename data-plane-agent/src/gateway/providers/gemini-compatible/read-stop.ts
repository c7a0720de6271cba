import type { ChatStop, StopReason } from '../../chat/chat-answer.ts';

/** Candidate.FinishReason of both APIs. @see https://ai.google.dev/api/generate-content#FinishReason */
const REASONS: Readonly<Record<string, StopReason>> = {
  STOP: 'end',
  MAX_TOKENS: 'length',
  SAFETY: 'content_filter',
  RECITATION: 'content_filter',
  BLOCKLIST: 'content_filter',
  PROHIBITED_CONTENT: 'content_filter',
  SPII: 'content_filter',
  MODEL_ARMOR: 'content_filter',
  IMAGE_SAFETY: 'content_filter',
  IMAGE_PROHIBITED_CONTENT: 'content_filter',
  IMAGE_RECITATION: 'content_filter',
  CONTINUATION: 'pause',
  // The model meant to call a tool, and what it wrote is no call: its text, where there is any, is the rest of it.
  MALFORMED_FUNCTION_CALL: 'failed',
  UNEXPECTED_TOOL_CALL: 'failed',
  TOO_MANY_TOOL_CALLS: 'failed',
  MALFORMED_RESPONSE: 'failed',
  MISSING_THOUGHT_SIGNATURE: 'failed',
};

/**
 * Reads `finishReason`; undefined while there is none.
 *
 * @param calls the candidate calls tools: Gemini says `STOP` then too
 */
export function readStop(value: unknown, calls: boolean): ChatStop | undefined {
  if (value === undefined || value === null || value === '' || value === 'FINISH_REASON_UNSPECIFIED')
    return undefined;
  const known = typeof value === 'string' && Object.hasOwn(REASONS, value) ? REASONS[value] : undefined;
  const reason = known === 'end' && calls ? 'tool_calls' : (known ?? 'other');
  return { reason, original: { wire: 'gemini-content', value } };
}

/** Where there is no candidate at all: the prompt was blocked, or else Gemini had nothing to say and no reason. */
export function blockedStop(value: unknown): ChatStop {
  const reason = typeof value === 'string' ? 'content_filter' : 'other';
  return { reason, original: { wire: 'gemini-content', value: value ?? null } };
}
