import type { ChatRequest, Reasoning } from '../../../chat/chat-request.ts';
import type { JsonObject } from '../../../chat/wire.ts';
import type { ExtraSampling } from './family-traits.ts';
import type { WriteContext } from './write-blocks.ts';

/** What the family alone can say: `fields` go to the model, `effort` is Converse's own. */
export interface ModelFields {
  readonly fields: JsonObject;
  readonly effort: string | undefined;
}

const SAMPLING: readonly (readonly [ExtraSampling, string])[] = [
  ['topK', 'top_k'],
  ['seed', 'seed'],
  ['frequencyPenalty', 'frequency_penalty'],
  ['presencePenalty', 'presence_penalty'],
];
const CLAUDE_EFFORTS = new Set(['low', 'medium', 'high', 'xhigh', 'max']);
const THREE_EFFORTS = new Set(['low', 'medium', 'high']);

/** Writes what goes into `additionalModelRequestFields`, by the family's own names. */
export function writeModelFields(request: ChatRequest, context: WriteContext): ModelFields {
  const fields: Record<string, unknown> = {};
  for (const [name, path] of SAMPLING) {
    const value = request.sampling[name];
    if (value === undefined) continue;
    const place = context.traits.sampling[name];
    if (place === undefined) context.dropped.add(path);
    else put(fields, place, value);
  }
  const { reasoning } = request;
  const effort = reasoning && writeReasoning(reasoning, fields, context);
  return { fields, effort };
}

function put(fields: Record<string, unknown>, [first, ...rest]: readonly string[], value: unknown): void {
  if (first !== undefined) fields[first] = rest.length === 0 ? value : { [rest.join('.')]: value };
}

/** @returns the effort where Converse itself has a field for it */
function writeReasoning(
  reasoning: Reasoning,
  fields: Record<string, unknown>,
  context: WriteContext,
): string | undefined {
  const { dropped, traits } = context;
  // What can be seen of the thoughts is the model's matter, which is all that `auto` asks.
  if (reasoning.summary !== undefined && reasoning.summary !== 'auto') dropped.add('reasoning.summary');
  const off = reasoning.mode === 'disabled' || reasoning.effort === 'none';
  switch (traits.reasoning) {
    case 'claude':
      return writeClaude(reasoning, off, fields, context);
    case 'nova':
      if (reasoning.budgetTokens !== undefined) dropped.add('reasoning.budget_tokens');
      writeNova(reasoning, off, fields, context);
      return undefined;
    case 'effort':
    case 'three-efforts': {
      if (reasoning.budgetTokens !== undefined) dropped.add('reasoning.budget_tokens');
      const effort = off ? 'none' : reasoning.effort;
      if (effort === undefined) return undefined;
      if (traits.reasoning === 'effort' || THREE_EFFORTS.has(effort)) fields.reasoning_effort = effort;
      else dropped.add('reasoning_effort');
      return undefined;
    }
    case 'none':
      if (reasoning.effort !== undefined) dropped.add('reasoning_effort');
      if (reasoning.budgetTokens !== undefined) dropped.add('reasoning.budget_tokens');
      if (reasoning.mode === 'enabled' || reasoning.mode === 'adaptive') dropped.add('reasoning.mode');
      return undefined;
  }
}

/** A word alone asks Claude to think as it sees fit, at that effort. */
function writeClaude(
  reasoning: Reasoning,
  off: boolean,
  fields: Record<string, unknown>,
  { dropped }: WriteContext,
): string | undefined {
  const { budgetTokens, effort, mode } = reasoning;
  const known = effort !== undefined && CLAUDE_EFFORTS.has(effort);
  if (effort !== undefined && !known && effort !== 'none') dropped.add('reasoning_effort');
  if (off) fields.thinking = { type: 'disabled' };
  else if (budgetTokens !== undefined) fields.thinking = { type: 'enabled', budget_tokens: budgetTokens };
  else if (mode === 'adaptive' || known) fields.thinking = { type: 'adaptive' };
  else if (mode === 'enabled') dropped.add('reasoning.mode');
  return known ? effort : undefined;
}

function writeNova(
  reasoning: Reasoning,
  off: boolean,
  fields: Record<string, unknown>,
  { dropped }: WriteContext,
): void {
  const { effort } = reasoning;
  if (off) fields.reasoningConfig = { type: 'disabled' };
  else if (effort !== undefined && THREE_EFFORTS.has(effort)) {
    fields.reasoningConfig = { type: 'enabled', maxReasoningEffort: effort };
  } else if (effort !== undefined) dropped.add('reasoning_effort');
  else if (reasoning.mode !== undefined) dropped.add('reasoning.mode');
}
