import type { ChatStop, StopReason } from '../../../chat/chat-answer.ts';
import { isObject, type JsonObject } from '../../../chat/wire.ts';

/** Every documented `stopReason`, and three that Claude gives besides. */
const REASONS: Readonly<Record<string, StopReason>> = {
  end_turn: 'end',
  tool_use: 'tool_calls',
  max_tokens: 'length',
  stop_sequence: 'stop_sequence',
  guardrail_intervened: 'content_filter',
  content_filtered: 'content_filter',
  model_context_window_exceeded: 'context_full',
  malformed_model_output: 'failed',
  malformed_tool_use: 'failed',
  refusal: 'refusal',
  pause_turn: 'pause',
  compaction: 'pause',
};

/**
 * Reads `stopReason`; undefined when there is none.
 *
 * @param fields `additionalModelResponseFields`, where Claude says which sequence it was
 * @param called whether the answer holds calls: some models then still say that they are at their end
 */
export function readStop(value: unknown, fields: unknown, called: boolean): ChatStop | undefined {
  if (value === undefined || value === null) return undefined;
  const known = typeof value === 'string' && Object.hasOwn(REASONS, value) ? REASONS[value] : undefined;
  const reason = known === 'end' && called ? 'tool_calls' : (known ?? 'other');
  const sequence = modelsOwn(fields).stop_sequence;
  return {
    reason,
    ...(typeof sequence === 'string' && { sequence }),
    original: { wire: 'bedrock-converse', value },
  };
}

/** Whether the model's own fields hold anything besides the sequence, which `readStop` reads. */
export function saysMore(fields: unknown): boolean {
  const own = modelsOwn(fields);
  return (
    Object.keys(own).some((name) => name !== 'stop_sequence') ||
    (own !== fields && isObject(fields) && Object.keys(fields).length > 1)
  );
}

/** In a stream they stand where the event of Claude's own wire has them. */
function modelsOwn(fields: unknown): JsonObject {
  if (!isObject(fields)) return {};
  return isObject(fields.delta) ? fields.delta : fields;
}
