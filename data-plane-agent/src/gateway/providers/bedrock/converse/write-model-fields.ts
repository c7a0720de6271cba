import type { ChatRequest, Reasoning } from '../../../chat/chat-request.ts';
import { isObject, type JsonObject } from '../../../chat/wire.ts';
import type { ClaudeTraits } from '../../anthropic-compatible/claude-models.ts';
import { DEFAULT_MAX_TOKENS } from '../../anthropic-compatible/write-request.ts';
import { claudeSampling } from '../../anthropic-compatible/write-sampling.ts';
import { writeThinking } from '../../anthropic-compatible/write-thinking.ts';
import type { ExtraSampling } from './family-traits.ts';
import type { WriteContext } from './write-blocks.ts';
import type { WireMessage } from './write-message.ts';

/** What the family decides: `fields` go to the model, `effort` and `inference` are Converse's own. */
export interface ModelFields {
  readonly fields: JsonObject;
  readonly effort: string | undefined;
  readonly inference: JsonObject;
}

const SAMPLING: readonly (readonly [ExtraSampling, string])[] = [
  ['topK', 'top_k'],
  ['seed', 'seed'],
  ['frequencyPenalty', 'frequency_penalty'],
  ['presencePenalty', 'presence_penalty'],
];
const THREE_EFFORTS = new Set(['low', 'medium', 'high']);

/**
 * Writes what goes into `additionalModelRequestFields`, by the family's own names, and what Converse names itself but not
 * every model takes.
 *
 * @param messages as they are written
 */
export function writeModelFields(
  request: ChatRequest,
  messages: readonly WireMessage[],
  context: WriteContext,
): ModelFields {
  if (context.claude) return writeClaude(request, messages, context.claude, context);
  const { sampling, reasoning } = request;
  const fields = writeSampling(request, context);
  if (reasoning) writeReasoning(reasoning, fields, context);
  const { maxOutputTokens: maxTokens, temperature, topP, stopSequences } = sampling;
  if (!context.traits.inference)
    return {
      fields,
      effort: undefined,
      inference: { maxTokens, ...dropAll({ temperature, topP, stopSequences }, context) },
    };
  const unlimited = isObject(fields.reasoningConfig) && fields.reasoningConfig.maxReasoningEffort === 'high';
  const inference = { maxTokens, temperature, topP };
  return {
    fields,
    effort: undefined,
    inference: {
      ...(unlimited ? dropAll(inference, context) : withinBounds(inference, context)),
      stopSequences,
    },
  };
}

/** OpenAI's temperature goes to 2, Converse's to 1. */
function withinBounds<Inference extends { readonly temperature: number | undefined }>(
  inference: Inference,
  { dropped }: WriteContext,
): Inference {
  if (inference.temperature === undefined || inference.temperature <= 1) return inference;
  dropped.add('temperature');
  return { ...inference, temperature: 1 };
}

/** What Nova refuses while it thinks its hardest, and OpenAI's models always. */
function dropAll(inference: Readonly<Record<string, unknown>>, { dropped }: WriteContext): JsonObject {
  for (const [name, value] of Object.entries(inference))
    if (value !== undefined) dropped.add(CLIENT_NAMES[name] ?? name);
  return {};
}

const CLIENT_NAMES: Readonly<Record<string, string>> = {
  maxTokens: 'max_tokens',
  topP: 'top_p',
  stopSequences: 'stop',
};

function writeSampling(request: ChatRequest, context: WriteContext): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const [name, path] of SAMPLING) {
    const value = request.sampling[name];
    if (value === undefined) continue;
    const place = context.traits.sampling[name];
    if (place === undefined) context.dropped.add(path);
    else put(fields, place, value);
  }
  return fields;
}

function put(fields: Record<string, unknown>, [first, ...rest]: readonly string[], value: unknown): void {
  if (first !== undefined) fields[first] = rest.length === 0 ? value : { [rest.join('.')]: value };
}

function writeReasoning(reasoning: Reasoning, fields: Record<string, unknown>, context: WriteContext): void {
  const { dropped, traits } = context;
  if (traits.reasoning !== 'gpt') noteSummary(reasoning, context);
  const off = reasoning.mode === 'disabled' || reasoning.effort === 'none';
  if (reasoning.budgetTokens !== undefined) dropped.add('reasoning.budget_tokens');
  switch (traits.reasoning) {
    case 'nova':
      return writeNova(reasoning, off, fields, context);
    case 'gpt':
      return writeGpt(reasoning, off, fields, context);
    case 'three-efforts':
    case 'qwen': {
      const effort = off ? 'none' : reasoning.effort;
      if (effort === undefined) return;
      const name = traits.reasoning === 'qwen' ? 'reasoning_config' : 'reasoning_effort';
      if (THREE_EFFORTS.has(effort)) fields[name] = effort;
      else dropped.add('reasoning_effort');
      return;
    }
    default:
      if (reasoning.effort !== undefined) dropped.add('reasoning_effort');
      if (reasoning.mode === 'enabled' || reasoning.mode === 'adaptive') dropped.add('reasoning.mode');
  }
}

/** What can be seen of the thoughts is the model's matter, which is all that `auto` asks. */
function noteSummary({ summary }: Reasoning, { dropped }: WriteContext): void {
  if (summary !== undefined && summary !== 'auto') dropped.add('reasoning.summary');
}

/** Claude is told in the words of its own wire, as far as Converse hands them on. */
function writeClaude(
  request: ChatRequest,
  messages: readonly WireMessage[],
  claude: ClaudeTraits,
  context: WriteContext,
): ModelFields {
  const { sampling } = request;
  const fields = writeSampling({ ...request, sampling: { ...sampling, topK: undefined } }, context);
  if (request.reasoning) noteSummary(request.reasoning, context);
  const { temperature, topP } = claudeSampling({ ...sampling, topK: undefined }, claude, context.dropped);
  const { thinking, effort, ...tuned } = writeThinking(
    request,
    {
      traits: claude,
      sampling: { temperature, topP, topK: sampling.topK },
      maxTokens: sampling.maxOutputTokens ?? claude.mostTokens ?? DEFAULT_MAX_TOKENS,
      continues: callsWithoutThinking(messages),
    },
    context.dropped,
  );
  return {
    fields: {
      ...fields,
      ...(tuned.topK !== undefined && { top_k: tuned.topK }),
      ...(thinking && { thinking }),
    },
    effort,
    // Without a limit of the client's, Bedrock's own is the most that the model can.
    inference: {
      maxTokens: sampling.maxOutputTokens === undefined ? undefined : tuned.maxTokens,
      temperature: tuned.temperature,
      topP: tuned.topP,
      stopSequences: writeStops(sampling.stopSequences, context),
    },
  };
}

/** Claude refuses a sequence that is blank. */
function writeStops(
  stops: readonly string[] | undefined,
  { dropped }: WriteContext,
): readonly string[] | undefined {
  const kept = stops?.filter((sequence) => sequence.trim() !== '');
  if (kept?.length !== stops?.length) dropped.add('stop');
  return kept;
}

/** The turn under way is one of tool calls that began without thinking. */
function callsWithoutThinking(messages: readonly WireMessage[]): boolean {
  if (!messages.at(-1)?.content.some((block) => block.toolResult)) return false;
  const blocks = messages.at(-2)?.content ?? [];
  return blocks.some((block) => block.toolUse) && !blocks[0]?.reasoningContent;
}

/** OpenAI's own models take it as its Responses API has it, without the least effort, and show their thoughts only when asked. */
function writeGpt(
  { effort, summary }: Reasoning,
  off: boolean,
  fields: Record<string, unknown>,
  { dropped }: WriteContext,
): void {
  if (effort === 'minimal') dropped.add('reasoning_effort');
  const asked = {
    ...(off ? { effort: 'none' } : effort !== undefined && { effort: effort === 'minimal' ? 'low' : effort }),
    ...(summary !== undefined && summary !== 'none' && { summary }),
  };
  if (Object.keys(asked).length > 0) fields.reasoning = asked;
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
