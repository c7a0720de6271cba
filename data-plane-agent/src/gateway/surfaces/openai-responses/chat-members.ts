import type { DroppedFields } from '../../chat/dropped-fields.ts';
import { type Extra, isObject, type JsonObject, type Original } from '../../chat/wire.ts';

/** Letters without meaning, by which OpenAI hides the length of its chunks. */
const PADDING = 'obfuscation';

/** Whether a member says nothing: OpenAI's chat sends many that way. */
function isEmpty(value: unknown): boolean {
  return value === null || value === undefined || (Array.isArray(value) && value.length === 0);
}

/**
 * The further members of an answer as those of a response. OpenAI's chat shares the tier with the Responses API; others of
 * another wire are noted.
 */
export function responseMembers(extra: Extra | undefined, dropped: DroppedFields): JsonObject {
  if (extra?.wire !== 'openai-chat') return dropped.keepExtra(extra, '');
  const { service_tier: tier, ...rest } = extra.fields;
  noteMembers(rest, dropped);
  return typeof tier === 'string' ? { service_tier: tier } : {};
}

/**
 * What a chunk of OpenAI's chat, or a choice of its answer, holds besides: log probabilities have the same form in the
 * Responses API.
 */
export function takeLogprobs({ value }: Original, dropped: DroppedFields): readonly JsonObject[] {
  if (!isObject(value)) return [];
  const found: JsonObject[] = [];
  for (const level of [value.chunk, value.choice, value.delta]) {
    if (!isObject(level)) continue;
    const { logprobs, ...rest } = level;
    noteMembers(rest, dropped);
    if (!isObject(logprobs)) continue;
    if (Array.isArray(logprobs.content)) found.push(...logprobs.content.filter(isObject));
    if (!isEmpty(logprobs.refusal)) dropped.add('logprobs.refusal');
  }
  return found;
}

function noteMembers(fields: JsonObject, dropped: DroppedFields): void {
  for (const [name, value] of Object.entries(fields)) {
    if (!isEmpty(value) && name !== PADDING) dropped.add(name);
  }
}
