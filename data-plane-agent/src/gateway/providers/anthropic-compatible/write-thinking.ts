import type { ChatRequest, Reasoning, ToolChoice } from '../../chat/chat-request.ts';
import type { DroppedFields } from '../../chat/dropped-fields.ts';
import type { JsonObject } from '../../chat/wire.ts';
import type { ClaudeTraits } from './claude-models.ts';
import type { ClaudeSampling } from './write-sampling.ts';

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

const EFFORTS: ReadonlySet<string> = new Set(['low', 'medium', 'high', 'xhigh', 'max']);

/** What thinking makes of the request. */
export interface Thinking extends ClaudeSampling {
  readonly thinking?: JsonObject | undefined;
  readonly effort?: string | undefined;
  readonly maxTokens: number;
}

/** What a request is written with: its sampling as the model takes it, and the limit that it is sent with. */
export interface ThinkingRoom {
  readonly sampling: ClaudeSampling;
  readonly maxTokens: number;
  readonly traits: ClaudeTraits;
  /**
   * The conversation ends with results for calls that were made without a thought: the API then wants no budget, since it
   * misses the turn's own thinking in front of its calls. So thinking waits for the next turn.
   */
  readonly continues: boolean;
}

/**
 * Writes `thinking`. An effort in OpenAI's words becomes a budget, or, for models that think as they see fit, that effort.
 * What a model cannot do is left out and named.
 */
export function writeThinking(request: ChatRequest, room: ThinkingRoom, dropped: DroppedFields): Thinking {
  const { reasoning } = request;
  const { traits } = room;
  const plain: Thinking = { maxTokens: room.maxTokens, ...room.sampling };
  if (!reasoning) return plain;
  if (reasoning.mode === 'disabled' || reasoning.effort === 'none')
    return writeOff(reasoning, plain, traits, dropped);
  if (traits.thinking === 'none') return dropThinking(plain, dropped);
  const fitting = reasoning.mode === 'adaptive' || (canFit(traits) && reasoning.budgetTokens === undefined);
  return fitting || traits.thinking === 'adaptive' || traits.thinking === 'always'
    ? writeAdaptive(request, plain, traits, dropped)
    : writeBudget(request, plain, room, dropped);
}

/** An effort is also one of answering; without thinking those that think unasked take none above `high`. */
function writeOff(
  { effort: asked }: Reasoning,
  plain: Thinking,
  traits: ClaudeTraits,
  dropped: DroppedFields,
): Thinking {
  const { thinking, thinksUnasked, noThinking } = traits;
  if (thinking === 'always') dropped.add('reasoning_effort');
  // Those that only think as they see fit may refuse to be told what they do unasked.
  const isTold = thinking === 'budget' || thinking === 'both' || (thinking === 'adaptive' && thinksUnasked);
  const off = { ...plain, ...(isTold && { thinking: { type: noThinking } }) };
  if (asked === undefined || asked === 'none') return off;
  const effort = canFit(traits) ? nearestEffort(asked, traits) : undefined;
  const fitting = isTold && thinksUnasked && (effort === 'xhigh' || effort === 'max') ? 'high' : effort;
  if (fitting !== asked) dropped.add('reasoning_effort');
  return { ...off, ...(fitting !== undefined && { effort: fitting }) };
}

/** Those before 4.7 go from `high` to `max`. */
function nearestEffort(asked: string, { highestEfforts }: ClaudeTraits): string | undefined {
  const nearest = asked === 'minimal' ? 'low' : asked === 'xhigh' && !highestEfforts ? 'high' : asked;
  return EFFORTS.has(nearest) ? nearest : undefined;
}

function canFit({ thinking }: ClaudeTraits): boolean {
  return thinking === 'both' || thinking === 'adaptive' || thinking === 'always';
}

function writeAdaptive(
  { reasoning }: ChatRequest,
  plain: Thinking,
  traits: ClaudeTraits,
  dropped: DroppedFields,
): Thinking {
  if (reasoning?.budgetTokens !== undefined) dropped.add('reasoning.budget_tokens');
  const asked = reasoning?.effort;
  const effort = asked === undefined ? undefined : nearestEffort(asked, traits);
  if (effort !== asked) dropped.add('reasoning_effort');
  const thinking = { type: 'adaptive', ...writeDisplay(reasoning?.summary, traits) };
  return { ...calm(plain, dropped), thinking, ...(effort !== undefined && { effort }) };
}

/**
 * The budget has to be less than `max_tokens`, which counts the thinking too, as OpenAI's limit does: a budget that leaves no
 * room is cut, and below the smallest one there is no thinking.
 *
 * With a budget the API refuses a temperature other than 1, `top_k`, a `top_p` below 0.95, and a forced tool (Anthropic,
 * "Extended thinking", "Feature compatibility").
 */
function writeBudget(
  { sampling, reasoning, toolChoice }: ChatRequest,
  plain: Thinking,
  { traits, continues }: ThinkingRoom,
  dropped: DroppedFields,
): Thinking {
  const { budgetTokens, effort, mode } = reasoning ?? {};
  const asked = budgetTokens ?? (effort === undefined ? undefined : BUDGET_OF_EFFORT[effort]);
  if (asked === undefined) {
    if (effort !== undefined) dropped.add('reasoning_effort');
    if (mode !== 'enabled') return plain;
  }
  if (continues || forcesTool(toolChoice)) return dropThinking(plain, dropped);
  const wanted = Math.max(asked ?? SMALLEST_BUDGET, SMALLEST_BUDGET);
  // A limit that nobody asked for makes room for what somebody did ask for, up to what the model can.
  const roomy = sampling.maxOutputTokens === undefined && traits.mostTokens === undefined;
  const limit = roomy ? plain.maxTokens + wanted : plain.maxTokens;
  const budget = Math.min(wanted, limit - 1);
  if (budget < wanted)
    dropped.add(budgetTokens === undefined ? 'reasoning_effort' : 'reasoning.budget_tokens');
  if (budget < SMALLEST_BUDGET) return plain;
  if (budgetTokens !== undefined && effort !== undefined) dropped.add('reasoning_effort');
  return {
    ...calm(plain, dropped),
    maxTokens: limit,
    thinking: { type: 'enabled', budget_tokens: budget, ...writeDisplay(reasoning?.summary, traits) },
  };
}

/** Those that only think as they see fit show nothing of it unasked. */
function writeDisplay(summary: string | undefined, { thinking }: ClaudeTraits): JsonObject {
  if (summary === undefined) return {};
  if (summary === 'none') return { display: 'omitted' };
  return thinking === 'adaptive' || thinking === 'always' ? { display: 'summarized' } : {};
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
