import type { Reasoning } from '../../chat/chat-request.ts';
import { isObject, type JsonObject, takeExtra } from '../../chat/wire.ts';
import { readField } from '../read-field.ts';

const WIRE = 'anthropic-messages';
const THINKING_FIELDS = new Set(['type', 'budget_tokens', 'display']);

/** Reads `thinking`, and the effort of `output_config`. */
export function readThinking(body: JsonObject, output: JsonObject): Reasoning | undefined {
  const thinking = readField(body, 'thinking', 'object');
  const effort = readField(output, 'effort', 'string', 'output_config.');
  if (!thinking) return effort === undefined ? undefined : { effort, mode: 'adaptive' };
  return {
    mode: readMode(thinking),
    effort,
    budgetTokens: readField(thinking, 'budget_tokens', 'number', 'thinking.'),
    ...(thinking.display === 'omitted' && { summary: 'none' }),
    ...(thinking.display === 'summarized' && { summary: 'auto' }),
  };
}

/** Between calls of tools a model writes notes for people, which is not what others call thinking. */
function readMode({ type, budget_tokens: budget }: JsonObject): Reasoning['mode'] {
  if (type === 'disabled' || type === 'between_tools') return 'disabled';
  if (type === 'adaptive') return type;
  return type === undefined && budget === undefined ? undefined : 'enabled';
}

/** What is said of thinking that others have no words for; undefined when there is nothing. */
export function readThinkingExtra(thinking: unknown): JsonObject | undefined {
  if (!isObject(thinking)) return undefined;
  const { display } = thinking;
  const known =
    display === undefined || display === null || display === 'omitted' || display === 'summarized';
  const more = takeExtra(WIRE, thinking, THINKING_FIELDS)?.fields;
  return known ? more : { ...more, display };
}
