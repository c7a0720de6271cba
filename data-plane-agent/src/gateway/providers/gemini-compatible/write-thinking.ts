import type { Reasoning } from '../../chat/chat-request.ts';
import type { DroppedFields } from '../../chat/dropped-fields.ts';
import type { JsonObject } from '../../chat/wire.ts';
import { thinkingForm } from './gemini-host.ts';

/** Google's own table for its OpenAI-compatible endpoint. @see https://ai.google.dev/gemini-api/docs/openai#thinking */
const BUDGETS: Readonly<Record<string, number>> = { minimal: 1_024, low: 1_024, medium: 8_192, high: 24_576 };
/** The least and the most tokens to think with. */
const RANGES: readonly (readonly [string, readonly [number, number]])[] = [
  ['gemini-2.5-flash-lite', [512, 24_576]],
  ['gemini-2.5-flash', [1, 24_576]],
  ['gemini-2.5-pro', [128, 32_768]],
];
/** From little to much. */
const ORDER = ['minimal', 'low', 'medium', 'high'];
const LEVELS: Readonly<Record<string, string>> = {
  minimal: 'MINIMAL',
  low: 'LOW',
  medium: 'MEDIUM',
  high: 'HIGH',
};
/** Efforts without an equal get the nearest one, and are named. */
const NEAREST: Readonly<Record<string, string>> = { xhigh: 'high', max: 'high', none: 'minimal' };

/** Writes `thinkingConfig`: a budget for Gemini 2.5, a level for Gemini 3; undefined when there is nothing to say. */
export function writeThinking(
  reasoning: Reasoning,
  model: string,
  dropped: DroppedFields,
): JsonObject | undefined {
  const form = thinkingForm(model);
  const off = reasoning.mode === 'disabled' || reasoning.effort === 'none';
  const config: Record<string, unknown> = off
    ? writeOff(form, model, dropped)
    : withThoughts(writeAmount(reasoning, form, model, dropped), reasoning, form, model);
  return Object.keys(config).length === 0 ? undefined : config;
}

/** Whether thoughts are shown, where there are any: a model that was not told to think and does not by itself refuses that. */
function withThoughts(amount: JsonObject, { summary }: Reasoning, form: string, model: string): JsonObject {
  const silent = model.startsWith('gemini-2.5-flash-lite') && amount.thinkingBudget === undefined;
  return form === 'none' || silent ? amount : { ...amount, includeThoughts: summary !== 'none' };
}

function writeOff(form: string, model: string, dropped: DroppedFields): Record<string, unknown> {
  if (form === 'none') return {};
  if (form === 'budget' && !model.startsWith('gemini-2.5-pro')) return { thinkingBudget: 0 };
  // These think always.
  dropped.add('reasoning.effort');
  if (form === 'budget') return { thinkingBudget: 128 };
  return form === 'level' ? { thinkingLevel: LEVELS[levelsOf(model)[0] ?? ''] } : {};
}

function writeAmount(
  { mode, effort, budgetTokens }: Reasoning,
  form: string,
  model: string,
  dropped: DroppedFields,
): JsonObject {
  if (form === 'none') {
    if (effort !== undefined) dropped.add('reasoning.effort');
    if (budgetTokens !== undefined) dropped.add('reasoning.budget_tokens');
    if (mode !== undefined) dropped.add('reasoning.mode');
    return {};
  }
  if (effort === undefined || form === 'unknown') {
    if (effort !== undefined) dropped.add('reasoning.effort');
    if (budgetTokens !== undefined) return writeBudget(budgetTokens, model, dropped);
    return mode !== undefined && form === 'budget' ? { thinkingBudget: -1 } : {};
  }
  if (form === 'budget' && budgetTokens !== undefined) return writeBudget(budgetTokens, model, dropped);
  // A level and a budget together are refused.
  if (budgetTokens !== undefined) dropped.add('reasoning.budget_tokens');
  const nearest = NEAREST[effort] ?? effort;
  if (nearest !== effort || !Object.hasOwn(LEVELS, nearest)) dropped.add('reasoning.effort');
  if (!Object.hasOwn(LEVELS, nearest)) return {};
  if (form === 'budget') return { thinkingBudget: BUDGETS[nearest] };
  return { thinkingLevel: writeLevel(nearest, model, dropped) };
}

/** More or less is refused. @see https://ai.google.dev/gemini-api/docs/thinking#set-budget */
function writeBudget(tokens: number, model: string, dropped: DroppedFields): JsonObject {
  const [least, most] = RANGES.find(([name]) => model.startsWith(name))?.[1] ?? [tokens, tokens];
  const thinkingBudget = Math.min(Math.max(tokens, least), most);
  if (thinkingBudget !== tokens) dropped.add('reasoning.budget_tokens');
  return { thinkingBudget };
}

/** The nearest that the model takes; between two, the one that thinks more. */
function writeLevel(effort: string, model: string, dropped: DroppedFields): string | undefined {
  const taken = levelsOf(model);
  if (taken.includes(effort)) return LEVELS[effort];
  dropped.add('reasoning.effort');
  const wanted = ORDER.indexOf(effort);
  const [nearest] = [...taken].sort(
    (one, other) =>
      Math.abs(ORDER.indexOf(one) - wanted) - Math.abs(ORDER.indexOf(other) - wanted) ||
      ORDER.indexOf(other) - ORDER.indexOf(one),
  );
  return nearest && LEVELS[nearest];
}

/** What is refused by the others is an error there. @see https://ai.google.dev/gemini-api/docs/thinking#thinking-levels */
function levelsOf(model: string): readonly string[] {
  if (/-flash(?:-lite)?-image/.test(model)) return ['minimal', 'high'];
  // The first of the generation.
  if (model.startsWith('gemini-3-pro')) return ['low', 'high'];
  return takesMinimal(model) ? ORDER : ORDER.slice(1);
}

/** Of the models named `flash` the small ones do, the others until Gemini 3.6. */
function takesMinimal(model: string): boolean {
  const [, minor = '0'] = /^gemini-3(?:\.(\d+))?-flash/.exec(model) ?? [];
  return (
    model.includes('flash-lite') ||
    (model.startsWith('gemini-3') && model.includes('flash') && Number(minor) < 7)
  );
}
