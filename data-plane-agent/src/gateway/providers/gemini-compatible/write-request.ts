import type { ChatRequest, ResponseFormat, Sampling } from '../../chat/chat-request.ts';
import { DroppedFields, type Written } from '../../chat/dropped-fields.ts';
import { isObject, type JsonObject } from '../../chat/wire.ts';
import { continuesAnswers, type GeminiHost, isSince25, isThirdGeneration, modelName } from './gemini-host.ts';
import { writeMessages } from './write-contents.ts';
import { writeSchema } from './write-schema.ts';
import { writeThinking } from './write-thinking.ts';
import { isForced, writeTools } from './write-tools.ts';

/** More are refused. @see https://ai.google.dev/api/generate-content#generationconfig */
const MOST_STOP_SEQUENCES = 5;
const LABEL_NAME = /^[a-z][a-z0-9_-]{0,62}$/;
const LABEL_VALUE = /^[a-z0-9_-]{0,63}$/;
const FOR_ANSWERS = { forAnswer: true };
const RESPONSE_SCHEMA = { schema: 'responseSchema', jsonSchema: 'responseJsonSchema' } as const;
const TIERS: Readonly<Record<string, string>> = { default: 'standard', flex: 'flex', priority: 'priority' };

/** Writes the body of `:generateContent`. Pure: a retry writes again from the same request. */
export function writeRequest(
  request: ChatRequest,
  upstreamModel: string,
  host: GeminiHost,
): Written<JsonObject> {
  const dropped = new DroppedFields('gemini-content');
  const model = modelName(upstreamModel);
  const extra = dropped.keepExtra(request.extra, '');
  const generationConfig = {
    ...(isObject(extra.generationConfig) && extra.generationConfig),
    ...writeGenerationConfig(request, model, host, dropped),
  };
  const value = {
    ...extra,
    ...writeMessages(request.messages, model, host, dropped),
    ...writeTools(request, model, dropped),
    ...(Object.keys(generationConfig).length > 0 && { generationConfig }),
    ...writeLabels(request, host, dropped),
    ...writeTier(request.serviceTier, host, dropped),
  };
  if (request.endUser !== undefined) dropped.add('user');
  if (request.verbosity !== undefined) dropped.add('verbosity');
  if (request.cacheKey !== undefined) dropped.add('prompt_cache_key');
  return { value, dropped: dropped.names };
}

function writeGenerationConfig(
  request: ChatRequest,
  model: string,
  host: GeminiHost,
  dropped: DroppedFields,
): JsonObject {
  const { sampling } = request;
  if (sampling.logitBias !== undefined) dropped.add('logit_bias');
  if (sampling.choices !== undefined && sampling.choices !== 1) dropped.add('n');
  const stops = sampling.stopSequences;
  if (stops && stops.length > MOST_STOP_SEQUENCES) dropped.add('stop');
  const named: Record<string, unknown> = {
    temperature: sampling.temperature,
    topP: sampling.topP,
    topK: sampling.topK,
    maxOutputTokens: sampling.maxOutputTokens,
    stopSequences: stops && stops.length > 0 ? stops.slice(0, MOST_STOP_SEQUENCES) : undefined,
    seed: sampling.seed,
    ...writePenalties(sampling, model, host, dropped),
    ...writeLogprobs(request, model, host, dropped),
    responseModalities: request.outputModalities?.map((modality) => modality.toUpperCase()),
    ...writeFormat(request, model, host, dropped),
    thinkingConfig: request.reasoning && writeThinking(request.reasoning, model, dropped),
  };
  return Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined));
}

/** A model that knows none refuses them. None at all is what it does by itself. */
function writePenalties(
  { presencePenalty, frequencyPenalty }: Sampling,
  model: string,
  host: GeminiHost,
  dropped: DroppedFields,
): JsonObject {
  if (host.penalties || !isSince25(model)) return { presencePenalty, frequencyPenalty };
  if (presencePenalty) dropped.add('presence_penalty');
  if (frequencyPenalty) dropped.add('frequency_penalty');
  return {};
}

/** Streams have none, and the newest models neither. */
function writeLogprobs(
  { sampling: { logprobs, topLogprobs }, stream }: ChatRequest,
  model: string,
  host: GeminiHost,
  dropped: DroppedFields,
): JsonObject {
  if (!logprobs) return {};
  const told = host.logprobs ? continuesAnswers(model) : !isSince25(model);
  if (told && !stream) return { responseLogprobs: true, logprobs: topLogprobs };
  dropped.add('logprobs');
  if (topLogprobs !== undefined) dropped.add('top_logprobs');
  return {};
}

/** The form of the answer, where the model takes one. */
function writeFormat(
  { responseFormat: format, tools, toolChoice }: ChatRequest,
  model: string,
  host: GeminiHost,
  dropped: DroppedFields,
): JsonObject {
  if (format === undefined) return {};
  if (format.type === 'other') {
    const original = dropped.keepOriginal(format.original, 'response_format');
    return isObject(original) ? original : {};
  }
  if (format.type === 'text') return {};
  if (tools.some(({ type }) => type !== 'other')) {
    // An answer that has to be a call has no other form, and Google refuses to hear of one.
    if (toolChoice && isForced(toolChoice)) return {};
    if (!host.formBesideFunctions && !isThirdGeneration(model)) {
      dropped.add('response_format');
      return {};
    }
  }
  return {
    responseMimeType: 'application/json',
    ...(format.type === 'json_schema' && writeAnswerSchema(format, model, dropped)),
  };
}

function writeAnswerSchema(
  { schema, name, description }: Extract<ResponseFormat, { type: 'json_schema' }>,
  model: string,
  dropped: DroppedFields,
): JsonObject {
  if (schema === undefined) return {};
  const { member, written } = writeSchema(schema, 'response_format.schema', FOR_ANSWERS, model, dropped);
  // Nothing stands beside `anyOf`.
  if (written.anyOf !== undefined) {
    dropped.add('response_format.name');
    if (description !== undefined) dropped.add('response_format.description');
    return { [RESPONSE_SCHEMA[member]]: written };
  }
  return {
    [RESPONSE_SCHEMA[member]]: { title: name, ...(description !== undefined && { description }), ...written },
  };
}

function writeLabels({ metadata }: ChatRequest, host: GeminiHost, dropped: DroppedFields): JsonObject {
  if (metadata === undefined) return {};
  const labels: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(metadata)) {
    if (host.labels && typeof value === 'string' && LABEL_NAME.test(name) && LABEL_VALUE.test(value)) {
      labels[name] = value;
    } else dropped.add(`metadata.${name}`);
  }
  return Object.keys(labels).length > 0 ? { labels } : {};
}

function writeTier(tier: string | undefined, host: GeminiHost, dropped: DroppedFields): JsonObject {
  if (tier === undefined || tier === 'auto') return {};
  const known = host.serviceTiers && Object.hasOwn(TIERS, tier) ? TIERS[tier] : undefined;
  if (known === undefined && tier !== 'default') dropped.add('service_tier');
  return known === undefined ? {} : { serviceTier: known };
}
