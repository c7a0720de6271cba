import type { ChatRequest } from '../../chat/chat-request.ts';
import type { DroppedFields } from '../../chat/dropped-fields.ts';
import type { JsonObject } from '../../chat/wire.ts';

/** The smallest budget that the API takes. */
const SMALLEST_BUDGET = 1_024;

/** Budgets for OpenAI's words, which are the ones that Google publishes for its compatible API too. */
const BUDGET_OF_EFFORT: Readonly<Record<string, number>> = {
  minimal: 1_024,
  low: 1_024,
  medium: 8_192,
  high: 24_576,
  xhigh: 32_768,
  max: 32_768,
};

/** What thinking makes of the request. */
export interface Thinking {
  readonly thinking?: JsonObject | undefined;
  readonly effort?: string | undefined;
  readonly maxTokens: number;
  readonly temperature?: number | undefined;
  readonly topP?: number | undefined;
  readonly topK?: number | undefined;
}

/**
 * Writes `thinking`. An effort in OpenAI's words becomes a budget, since every thinking model takes one; a client that asks
 * for adaptive thinking gets it with its effort as it stands. The budget has to be less than `max_tokens`, which also counts
 * the thinking: a limit that leaves no room is raised by the budget, as OpenAI's limit counts what is shown.
 *
 * While thinking, the API refuses a temperature other than 1, `top_k`, a `top_p` below 0.95, and a forced tool (Anthropic,
 * "Extended thinking", "Feature compatibility").
 */
export function writeThinking(request: ChatRequest, maxTokens: number, dropped: DroppedFields): Thinking {
  const { sampling, reasoning, toolChoice } = request;
  const { temperature, topP, topK } = sampling;
  const plain: Thinking = { maxTokens, temperature, topP, topK };
  if (!reasoning) return plain;
  if (reasoning.mode === 'disabled' || reasoning.effort === 'none')
    return { ...plain, thinking: { type: 'disabled' } };
  const display = reasoning.summary === 'none' ? { display: 'omitted' } : {};
  const effort = reasoning.effort;
  if (reasoning.mode === 'adaptive') {
    const thinking = { type: 'adaptive', ...display };
    return { ...calm(plain, dropped), thinking, ...(effort !== undefined && { effort }) };
  }
  const asked = reasoning.budgetTokens ?? (effort === undefined ? undefined : BUDGET_OF_EFFORT[effort]);
  if (asked === undefined) {
    if (effort !== undefined) dropped.add('reasoning_effort');
    if (reasoning.mode !== 'enabled') return plain;
  }
  if (toolChoice?.type === 'required' || toolChoice?.type === 'function' || toolChoice?.type === 'custom') {
    dropped.add('reasoning_effort');
    return plain;
  }
  const budget = Math.max(asked ?? SMALLEST_BUDGET, SMALLEST_BUDGET);
  const fits = budget < maxTokens;
  return {
    ...calm(plain, dropped),
    maxTokens: fits ? maxTokens : maxTokens + budget,
    thinking: { type: 'enabled', budget_tokens: budget, ...display },
  };
}

/** Takes out, and names, what the API refuses beside thinking. */
function calm(plain: Thinking, dropped: DroppedFields): Thinking {
  const { temperature, topP, topK } = plain;
  if (temperature !== undefined && temperature !== 1) dropped.add('temperature');
  if (topP !== undefined && topP < 0.95) dropped.add('top_p');
  if (topK !== undefined) dropped.add('top_k');
  return {
    maxTokens: plain.maxTokens,
    ...(temperature === 1 && { temperature }),
    ...(topP !== undefined && topP >= 0.95 && { topP }),
  };
}
