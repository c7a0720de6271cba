import type { Reasoning } from '../../chat/chat-request.ts';
import type { DroppedFields } from '../../chat/dropped-fields.ts';
import type { JsonObject } from '../../chat/wire.ts';
import { thinkingForm } from './gemini-host.ts';

/** Google's own table for its OpenAI-compatible endpoint. @see https://ai.google.dev/gemini-api/docs/openai#thinking */
const BUDGETS: Readonly<Record<string, number>> = { minimal: 1_024, low: 1_024, medium: 8_192, high: 24_576 };
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
    : { ...writeAmount(reasoning, form, model, dropped), ...(form !== 'none' && writeShown(reasoning)) };
  return Object.keys(config).length === 0 ? undefined : config;
}

function writeShown({ summary }: Reasoning): JsonObject {
  return { includeThoughts: summary !== 'none' };
}

function writeOff(form: string, model: string, dropped: DroppedFields): Record<string, unknown> {
  if (form === 'none') return {};
  if (form === 'budget' && !model.startsWith('gemini-2.5-pro')) return { thinkingBudget: 0 };
  // These think always.
  dropped.add('reasoning.effort');
  if (form === 'budget') return { thinkingBudget: 128 };
  return form === 'level' ? { thinkingLevel: takesMinimal(model) ? 'MINIMAL' : 'LOW' } : {};
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
    if (budgetTokens !== undefined) return { thinkingBudget: budgetTokens };
    return mode === 'adaptive' && form === 'budget' ? { thinkingBudget: -1 } : {};
  }
  if (form === 'budget' && budgetTokens !== undefined) return { thinkingBudget: budgetTokens };
  // A level and a budget together are refused.
  if (budgetTokens !== undefined) dropped.add('reasoning.budget_tokens');
  const nearest = NEAREST[effort] ?? effort;
  if (nearest !== effort || !Object.hasOwn(LEVELS, nearest)) dropped.add('reasoning.effort');
  if (!Object.hasOwn(LEVELS, nearest)) return {};
  if (form === 'budget') return { thinkingBudget: BUDGETS[nearest] };
  return { thinkingLevel: writeLevel(nearest, model, dropped) };
}

function writeLevel(effort: string, model: string, dropped: DroppedFields): string | undefined {
  if (effort === 'minimal' && !takesMinimal(model)) {
    dropped.add('reasoning.effort');
    return 'LOW';
  }
  // The first of the generation knows low and high only.
  if (effort === 'medium' && model.startsWith('gemini-3-pro')) {
    dropped.add('reasoning.effort');
    return 'HIGH';
  }
  return LEVELS[effort];
}

function takesMinimal(model: string): boolean {
  return model.includes('flash');
}
