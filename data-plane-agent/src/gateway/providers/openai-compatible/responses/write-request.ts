import type { OptionalChatField } from '@bonito/protocol';
import type { ChatRequest, Sampling } from '../../../chat/chat-request.ts';
import { DroppedFields, type Written } from '../../../chat/dropped-fields.ts';
import type { JsonObject } from '../../../chat/wire.ts';
import { type ResponsesServer, WIRE } from './responses-wire.ts';
import { writeAskedReasoning, writeInclude } from './write-asked-reasoning.ts';
import { writeInput } from './write-input.ts';
import { writeText } from './write-text.ts';
import { writeToolChoice, writeTools } from './write-tools.ts';

/** OpenAI refuses longer ones, which Anthropic's agents send. */
const LONGEST_USER = 64;
/** Members of OpenAI's chat that have the same name and meaning here. */
const SHARED_WITH_CHAT: ReadonlySet<string> = new Set([
  'safety_identifier',
  'prompt_cache_retention',
  'prompt_cache_options',
]);

/**
 * Writes the body of `POST /responses` (OpenAI's API reference, "Create a model response"). Nothing is stored: the whole
 * conversation is sent each time. Pure: a retry writes again from the same request.
 *
 * @param model as the provider knows it
 * @returns the body, and the paths of what the wire or the server cannot express
 */
export function writeRequest(
  request: ChatRequest,
  model: string,
  server: ResponsesServer,
): Written<JsonObject> {
  const dropped = new DroppedFields(WIRE);
  const own = writeExtra(request, dropped);
  const tools = writeTools(request.tools, dropped, server);
  const fields: Record<string, unknown> = {};
  const put = (name: OptionalChatField, value: unknown, field: string = name) => {
    if (value === undefined) return;
    if (server.lacks.has(name)) dropped.add(field);
    else fields[field] = value;
  };
  put('parallel_tool_calls', request.parallelToolCalls);
  if (request.endUser !== undefined && request.endUser.length > LONGEST_USER) dropped.add('user');
  else put('user', request.endUser);
  put('metadata', request.metadata);
  put('service_tier', request.serviceTier);
  put('prompt_cache_key', request.cacheKey);
  const { sampling } = request;
  put('logprobs', sampling.topLogprobs, 'top_logprobs');
  noteUnknown(request, dropped);
  const include = writeInclude(request, own.include, dropped, server);
  const value = {
    ...own,
    model,
    ...writeInput(request.messages, dropped, server),
    ...(tools.length > 0 && { tools }),
    ...(request.toolChoice && writeToolChoice(request.toolChoice, dropped, server)),
    ...fields,
    ...writeSampling(sampling, dropped, server),
    ...writeAskedReasoning(request.reasoning, own.reasoning, dropped, server),
    ...writeText(request, own.text, dropped, server),
    ...(include.length > 0 && { include }),
    store: false,
    ...(request.stream && { stream: true }),
  };
  return { value, dropped: dropped.names };
}

function writeExtra({ extra }: ChatRequest, dropped: DroppedFields): JsonObject {
  if (extra?.wire !== 'openai-chat') {
    const { store, ...kept } = dropped.keepExtra(extra, '');
    if (store === true) dropped.add('store');
    return kept;
  }
  const kept: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(extra.fields)) {
    if (SHARED_WITH_CHAT.has(name)) kept[name] = value;
    // What says nothing is no loss, nor is that nothing is to be stored.
    else if (value !== null && !(name === 'store' && value === false)) dropped.add(name);
  }
  return kept;
}

function writeSampling(
  { temperature, topP, maxOutputTokens }: Sampling,
  dropped: DroppedFields,
  server: ResponsesServer,
): JsonObject {
  const least = server.leastOutputTokens;
  const isLess = maxOutputTokens !== undefined && maxOutputTokens < least;
  if (isLess) dropped.add('max_output_tokens');
  return {
    ...(temperature !== undefined && temperature !== server.usualTemperature && { temperature }),
    ...(topP !== undefined && { top_p: topP }),
    ...(maxOutputTokens !== undefined && { max_output_tokens: isLess ? least : maxOutputTokens }),
  };
}

/** What the API has no members for. */
function noteUnknown({ sampling, outputModalities }: ChatRequest, dropped: DroppedFields): void {
  const { stopSequences } = sampling;
  if (sampling.topK !== undefined) dropped.add('top_k');
  if (sampling.frequencyPenalty !== undefined) dropped.add('frequency_penalty');
  if (sampling.presencePenalty !== undefined) dropped.add('presence_penalty');
  if (sampling.seed !== undefined) dropped.add('seed');
  if (stopSequences !== undefined && stopSequences.length > 0) dropped.add('stop');
  if (sampling.logitBias !== undefined) dropped.add('logit_bias');
  // The gateway makes a call for each.
  if (sampling.choices !== undefined && sampling.choices !== 1) dropped.add('n');
  if (outputModalities?.some((modality) => modality !== 'text')) dropped.add('modalities');
}
