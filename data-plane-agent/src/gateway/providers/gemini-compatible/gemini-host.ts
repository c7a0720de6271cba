import type { CompiledTarget } from '../../snapshot/snapshot.ts';
import type { CallAddress } from '../provider-kind.ts';

/** What differs between the hosts that serve Gemini. */
export interface GeminiHost {
  /** @param method `generateContent`, `streamGenerateContent?alt=sse` */
  address(target: CompiledTarget, method: string): CallAddress;
  /**
   * Whether calls and results may carry ids. Where not, they are told apart by their order, in which results are written.
   */
  readonly callIds: boolean;
  /** Whether requests may carry labels for the bill. */
  readonly labels: boolean;
  /** Whether requests may name a service tier. */
  readonly serviceTiers: boolean;
  /** Whether models since Gemini 2.5 may be given penalties. */
  readonly penalties: boolean;
  /** Whether models since Gemini 2.5 tell log probabilities. */
  readonly logprobs: boolean;
  /** Whether models before Gemini 3 may be given functions and a form for the answer at once. */
  readonly formBesideFunctions: boolean;
}

/** How a model is told to think. */
export type ThinkingForm = 'budget' | 'level' | 'none' | 'unknown';

/** The model's own name in whatever resource name it stands. */
export function modelName(upstreamModel: string): string {
  return upstreamModel.slice(upstreamModel.lastIndexOf('/') + 1);
}

/** By documented names; a tuned model or an alias tells nothing. @see https://ai.google.dev/gemini-api/docs/thinking */
export function thinkingForm(name: string): ThinkingForm {
  if (/^gemini-(?:[12]\.[0-4]|2\.5-.*(?:image|tts))/.test(name)) return 'none';
  if (name.startsWith('gemini-2.5')) return 'budget';
  return isThirdGeneration(name) ? 'level' : 'unknown';
}

/**
 * Whether calls have to carry their signatures. Models before the third generation are known by their names; an alias or a
 * tuned model is taken for a newer one, since those refuse calls without, and a mark too many harms nothing.
 */
export function wantsSignatures(name: string): boolean {
  return !/^gemini-[12](?:\D|$)/.test(name);
}

/** Gemini 3, which takes media inside of tool results, also by the names that stand for the latest model. */
export function isThirdGeneration(name: string): boolean {
  return /^gemini-(?:3(?:\D|$)|(?:pro|flash|flash-lite)-latest$)/.test(name);
}

/** Models that are known to take JSON Schema as it is, and to hold calls to the schemas of their functions. */
export function isSince25(name: string): boolean {
  const form = thinkingForm(name);
  return form === 'budget' || form === 'level';
}

/** Gemma takes instructions from its fourth generation on: `Developer instruction is not enabled`, says an earlier one. */
export function takesInstructions(name: string): boolean {
  return !/^gemma-(?:[123]\D|\d+b)/.test(name);
}

/** Models until Gemini 3.1 go on with an answer that they are given; `Requests ending with a model turn are not supported`. */
export function continuesAnswers(name: string): boolean {
  return !/^gemini-(?:3\.(?:[2-9]|\d\d)|flash(?:-lite)?-latest$)/.test(name);
}
