import type { ChatRequest } from '../../chat/chat-request.ts';
import { DroppedFields, type Written } from '../../chat/dropped-fields.ts';
import { isObject, type JsonObject } from '../../chat/wire.ts';
import { type ClaudeTraits, claudeTraits } from './claude-models.ts';
import { compileSchema, isRecursive } from './compile-schema.ts';
import { ToolNames } from './tool-names.ts';
import { writeMessages } from './write-messages.ts';
import { claudeSampling } from './write-sampling.ts';
import { writeThinking } from './write-thinking.ts';
import { writeTools } from './write-tools.ts';

/**
 * The API has no default for `max_tokens`: it is the most that the model can answer. This is for a model that is not known
 * by its name, and within what every Claude since 3.5 can answer.
 */
export const DEFAULT_MAX_TOKENS = 8_192;

/** Fields that the wire has no words for, by the neutral form's place and OpenAI's name, which clients know. */
const UNSAYABLE = [
  ['frequencyPenalty', 'frequency_penalty'],
  ['presencePenalty', 'presence_penalty'],
  ['seed', 'seed'],
  ['logitBias', 'logit_bias'],
  ['logprobs', 'logprobs'],
  ['topLogprobs', 'top_logprobs'],
] as const;

/**
 * Writes the body of `POST /v1/messages` (Anthropic's API reference, "Create a Message"). Pure: a retry writes again from the
 * same request.
 *
 * @param model as the provider knows it
 * @param traits what it takes there
 * @returns the body, and the paths of what the wire cannot express
 */
export function writeRequest(
  request: ChatRequest,
  model: string,
  traits: ClaudeTraits = claudeTraits(model),
): Written<JsonObject> {
  const dropped = new DroppedFields('anthropic-messages');
  const names = new ToolNames();
  const { sampling } = request;
  for (const [place, name] of UNSAYABLE) if (sampling[place] !== undefined) dropped.add(name);
  if (request.verbosity !== undefined) dropped.add('verbosity');
  if (request.cacheKey !== undefined) dropped.add('prompt_cache_key');
  if (request.metadata !== undefined) dropped.add('metadata');
  if (request.outputModalities?.some((modality) => modality !== 'text')) dropped.add('modalities');
  const { system, messages } = writeMessages(request.messages, traits, dropped, names);
  const maxTokens = sampling.maxOutputTokens ?? traits.mostTokens ?? DEFAULT_MAX_TOKENS;
  const { thinking, effort, ...tuned } = writeThinking(
    request,
    {
      maxTokens,
      traits,
      sampling: claudeSampling(sampling, traits, dropped),
      continues: callsWithoutThinking(messages),
    },
    dropped,
  );
  const format = writeFormat(request, traits, dropped);
  const extra = dropped.keepExtra(request.extra, '');
  const config = { ...(effort !== undefined && { effort }), ...(format && { format }) };
  const stops = sampling.stopSequences?.filter((sequence) => sequence.trim() !== '');
  if (stops && stops.length !== sampling.stopSequences?.length) dropped.add('stop');
  const value: JsonObject = {
    ...extra,
    model,
    max_tokens: tuned.maxTokens,
    ...(system.length > 0 && { system }),
    messages,
    ...writeTools(request, traits, dropped, names),
    ...(tuned.temperature !== undefined && { temperature: tuned.temperature }),
    ...(tuned.topP !== undefined && { top_p: tuned.topP }),
    ...(tuned.topK !== undefined && { top_k: tuned.topK }),
    ...(stops && stops.length > 0 && { stop_sequences: stops }),
    ...(thinking && { thinking }),
    ...(Object.keys(config).length > 0 && { output_config: config }),
    ...(request.endUser !== undefined && { metadata: { user_id: request.endUser } }),
    ...writeServiceTier(request.serviceTier, dropped),
    ...(request.stream && { stream: true }),
  };
  return { value, dropped: dropped.names };
}

/** The turn under way is one of tool calls that began without thinking. */
function callsWithoutThinking(messages: readonly JsonObject[]): boolean {
  if (!blocksOf(messages.at(-1)).some((block) => block.type === 'tool_result')) return false;
  const blocks = blocksOf(messages.at(-2));
  const [first] = blocks;
  return (
    blocks.some((block) => block.type === 'tool_use') &&
    first?.type !== 'thinking' &&
    first?.type !== 'redacted_thinking'
  );
}

function blocksOf(message: JsonObject | undefined): readonly JsonObject[] {
  return Array.isArray(message?.content) ? message.content.filter(isObject) : [];
}

function writeServiceTier(tier: string | undefined, dropped: DroppedFields): JsonObject {
  if (tier === undefined) return {};
  if (tier === 'auto' || tier === 'standard_only') return { service_tier: tier };
  if (tier === 'default') return { service_tier: 'standard_only' };
  dropped.add('service_tier');
  return {};
}

/** JSON by a schema is the API's `output_config.format`; JSON of any form it cannot promise. A schema is always kept to. */
function writeFormat(
  { responseFormat: format }: ChatRequest,
  { structuredOutput }: ClaudeTraits,
  dropped: DroppedFields,
): JsonObject | undefined {
  switch (format?.type) {
    case undefined:
    case 'text':
      return undefined;
    case 'json_schema':
      if (!structuredOutput || format.schema === undefined || isRecursive(format.schema)) {
        dropped.add('response_format');
        return undefined;
      }
      if (format.description !== undefined) dropped.add('response_format.json_schema.description');
      if (format.strict === false) dropped.add('response_format.json_schema.strict');
      return {
        type: 'json_schema',
        schema: compileSchema(format.schema, 'response_format.json_schema.schema', dropped),
      };
    case 'json':
      dropped.add('response_format');
      return undefined;
    case 'other':
      dropped.keepOriginal(format.original, 'response_format');
      return undefined;
  }
}
