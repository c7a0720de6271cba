import type { ChatRequest, ToolChoice } from '../../chat/chat-request.ts';
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

/**
 * Whether a model is told how much to think by an effort and not by a budget: Claude 4.6 and later (Anthropic, "Adaptive
 * thinking"), by their documented names. An alias or an ARN that does not say the version is told by a budget.
 */
export function takesAdaptiveThinking(model: string): boolean {
  const version = /claude-[a-z]+-(\d+)(?:-(\d{1,2}))?(?!\d)/.exec(model);
  const [major, minor] = [Number(version?.[1]), Number(version?.[2] ?? 0)];
  return major > 4 || (major === 4 && minor >= 6);
}

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
 * Writes `thinking`. An effort in OpenAI's words becomes a budget, or, for models that refuse budgets, adaptive thinking with
 * that effort. The budget has to be less than `max_tokens`, which counts the
 * thinking too, as OpenAI's limit does: a budget that leaves no room is cut, and below the smallest one there is no thinking.
 *
 * While thinking, the API refuses a temperature other than 1, `top_k`, a `top_p` below 0.95, and a forced tool (Anthropic,
 * "Extended thinking", "Feature compatibility").
 */
export function writeThinking(
  request: ChatRequest,
  { maxTokens, adaptive }: { readonly maxTokens: number; readonly adaptive: boolean },
  dropped: DroppedFields,
): Thinking {
  const { sampling, reasoning, toolChoice } = request;
  const { temperature, topP, topK } = sampling;
  const plain: Thinking = { maxTokens, temperature, topP, topK };
  if (!reasoning) return plain;
  if (reasoning.mode === 'disabled' || reasoning.effort === 'none')
    return { ...plain, thinking: { type: 'disabled' } };
  const display = reasoning.summary === 'none' ? { display: 'omitted' } : {};
  const effort = reasoning.effort;
  if (reasoning.mode === 'adaptive' || (adaptive && reasoning.budgetTokens === undefined)) {
    if (forcesTool(toolChoice)) return dropThinking(plain, dropped);
    const thinking = { type: 'adaptive', ...display };
    const word = effort === 'minimal' ? 'low' : effort;
    return { ...calm(plain, dropped), thinking, ...(word !== undefined && { effort: word }) };
  }
  const asked = reasoning.budgetTokens ?? (effort === undefined ? undefined : BUDGET_OF_EFFORT[effort]);
  if (asked === undefined) {
    if (effort !== undefined) dropped.add('reasoning_effort');
    if (reasoning.mode !== 'enabled') return plain;
  }
  if (forcesTool(toolChoice)) return dropThinking(plain, dropped);
  const wanted = Math.max(asked ?? SMALLEST_BUDGET, SMALLEST_BUDGET);
  // A limit that nobody asked for makes room for what somebody did ask for.
  const limit = sampling.maxOutputTokens === undefined ? maxTokens + wanted : maxTokens;
  const budget = Math.min(wanted, limit - 1);
  if (budget < wanted)
    dropped.add(reasoning.budgetTokens === undefined ? 'reasoning_effort' : 'reasoning.budget_tokens');
  if (budget < SMALLEST_BUDGET) return plain;
  if (reasoning.budgetTokens !== undefined && effort !== undefined) dropped.add('reasoning_effort');
  return {
    ...calm(plain, dropped),
    maxTokens: limit,
    thinking: { type: 'enabled', budget_tokens: budget, ...display },
  };
}

function forcesTool(choice: ToolChoice | undefined): boolean {
  return choice?.type === 'required' || choice?.type === 'function' || choice?.type === 'custom';
}

function dropThinking(plain: Thinking, dropped: DroppedFields): Thinking {
  dropped.add('reasoning_effort');
  return plain;
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
