import type { ChatRequest, ResponseFormat } from '../../chat/chat-request.ts';
import { DroppedFields, type Written } from '../../chat/dropped-fields.ts';
import { isObject, type JsonObject } from '../../chat/wire.ts';
import { compileSchema } from './compile-schema.ts';
import { type GeminiHost, modelName } from './gemini-host.ts';
import { writeMessages } from './write-contents.ts';
import { writeThinking } from './write-thinking.ts';
import { writeTools } from './write-tools.ts';

/** More are refused. @see https://ai.google.dev/api/generate-content#generationconfig */
const MOST_STOP_SEQUENCES = 5;
const LABEL_NAME = /^[a-z][a-z0-9_-]{0,62}$/;
const LABEL_VALUE = /^[a-z0-9_-]{0,63}$/;
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
    ...writeGenerationConfig(request, model, dropped),
  };
  const value = {
    ...extra,
    ...writeMessages(request.messages, model, host, dropped),
    ...writeTools(request, dropped),
    ...(Object.keys(generationConfig).length > 0 && { generationConfig }),
    ...writeLabels(request, host, dropped),
    ...writeTier(request.serviceTier, host, dropped),
  };
  if (request.endUser !== undefined) dropped.add('user');
  if (request.verbosity !== undefined) dropped.add('verbosity');
  if (request.cacheKey !== undefined) dropped.add('prompt_cache_key');
  return { value, dropped: dropped.names };
}

function writeGenerationConfig(request: ChatRequest, model: string, dropped: DroppedFields): JsonObject {
  const { sampling } = request;
  if (sampling.logitBias !== undefined) dropped.add('logit_bias');
  const stops = sampling.stopSequences;
  if (stops && stops.length > MOST_STOP_SEQUENCES) dropped.add('stop');
  const named: Record<string, unknown> = {
    temperature: sampling.temperature,
    topP: sampling.topP,
    topK: sampling.topK,
    maxOutputTokens: sampling.maxOutputTokens,
    stopSequences: stops && stops.length > 0 ? stops.slice(0, MOST_STOP_SEQUENCES) : undefined,
    seed: sampling.seed,
    presencePenalty: sampling.presencePenalty,
    frequencyPenalty: sampling.frequencyPenalty,
    candidateCount: sampling.choices,
    responseLogprobs: sampling.logprobs,
    logprobs: sampling.topLogprobs,
    responseModalities: request.outputModalities?.map((modality) => modality.toUpperCase()),
    ...(request.responseFormat && writeFormat(request.responseFormat, dropped)),
    thinkingConfig: request.reasoning && writeThinking(request.reasoning, model, dropped),
  };
  return Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined));
}

function writeFormat(format: ResponseFormat, dropped: DroppedFields): JsonObject {
  switch (format.type) {
    case 'text':
      return {};
    case 'json':
      return { responseMimeType: 'application/json' };
    case 'json_schema': {
      const schema = format.schema && compileSchema(format.schema, 'response_format.schema', dropped);
      if (schema?.anyOf !== undefined) {
        dropped.add('response_format.name');
        if (format.description !== undefined) dropped.add('response_format.description');
      }
      return {
        responseMimeType: 'application/json',
        ...(schema && {
          responseSchema: {
            // Nothing stands beside `anyOf`.
            ...(schema.anyOf === undefined && {
              title: format.name,
              ...(format.description !== undefined && { description: format.description }),
            }),
            ...schema,
          },
        }),
      };
    }
    case 'other': {
      const original = dropped.keepOriginal(format.original, 'response_format');
      return isObject(original) ? original : {};
    }
  }
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
