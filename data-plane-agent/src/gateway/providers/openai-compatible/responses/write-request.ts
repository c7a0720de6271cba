import type { OptionalChatField } from '@bonito/protocol';
import type { ChatRequest, Reasoning, ResponseFormat } from '../../../chat/chat-request.ts';
import { DroppedFields, type Written } from '../../../chat/dropped-fields.ts';
import { isObject, type JsonObject } from '../../../chat/wire.ts';
import { type ResponsesServer, WIRE } from './responses-wire.ts';
import { writeInput } from './write-input.ts';
import { writeToolChoice, writeTools } from './write-tools.ts';

const LOGPROBS = 'message.output_text.logprobs';
const ENCRYPTED = 'reasoning.encrypted_content';
/** Members of OpenAI's chat that have the same name and meaning here. */
const SHARED_WITH_CHAT: ReadonlySet<string> = new Set([
  'safety_identifier',
  'prompt_cache_retention',
  'prompt_cache_options',
]);
/** Words for how much to think that ask for none of it. */
const NO_EFFORT: ReadonlySet<string | undefined> = new Set(['none', 'minimal']);

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
  put('user', request.endUser);
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
    ...(sampling.temperature !== undefined && { temperature: sampling.temperature }),
    ...(sampling.topP !== undefined && { top_p: sampling.topP }),
    ...(sampling.maxOutputTokens !== undefined && { max_output_tokens: sampling.maxOutputTokens }),
    ...writeReasoning(request.reasoning, own.reasoning, dropped, server),
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

/** Encrypted reasoning comes only where it is asked for, and models that do not reason refuse to be asked. */
function writeInclude(
  request: ChatRequest,
  own: unknown,
  dropped: DroppedFields,
  server: ResponsesServer,
): readonly unknown[] {
  const include: unknown[] = Array.isArray(own) ? [...own] : [];
  if (request.sampling.logprobs) {
    if (server.lacks.has('logprobs')) dropped.add('logprobs');
    else include.push(LOGPROBS);
  }
  const { reasoning, messages } = request;
  const thinks = reasoning !== undefined && reasoning.mode !== 'disabled' && reasoning.effort !== 'none';
  if (thinks || messages.some(holdsState)) include.push(ENCRYPTED);
  return include;
}

function holdsState(message: ChatRequest['messages'][number]): boolean {
  return (
    message.role === 'assistant' &&
    message.content.some((part) => part.type === 'reasoning' && part.encrypted !== undefined)
  );
}

/**
 * How much to think. Nothing of it is shown unless a summary is asked for, and clients of other wires expect to see some;
 * those that want none say so.
 */
function writeReasoning(
  reasoning: Reasoning | undefined,
  own: unknown,
  dropped: DroppedFields,
  server: ResponsesServer,
): JsonObject {
  const { mode, effort, budgetTokens, summary } = reasoning ?? {};
  const written: Record<string, unknown> = isObject(own) ? { ...own } : {};
  if (effort !== undefined && server.lacks.has('reasoning_effort')) dropped.add('reasoning.effort');
  else if (effort !== undefined) written.effort = effort;
  if (mode === 'disabled' && effort === undefined) dropped.add('reasoning.mode');
  if (budgetTokens !== undefined) dropped.add('reasoning.budget_tokens');
  const shows = reasoning !== undefined && mode !== 'disabled' && !NO_EFFORT.has(effort);
  const asked = summary ?? (shows ? 'auto' : undefined);
  if (asked !== undefined && asked !== 'none') written.summary = asked;
  return Object.keys(written).length === 0 ? {} : { reasoning: written };
}

function writeText(
  { responseFormat, verbosity }: ChatRequest,
  own: unknown,
  dropped: DroppedFields,
  server: ResponsesServer,
): JsonObject {
  const written: Record<string, unknown> = isObject(own) ? { ...own } : {};
  const format = responseFormat && writeFormat(responseFormat, dropped, server);
  if (format !== undefined) written.format = format;
  if (verbosity !== undefined) {
    if (server.lacks.has('verbosity')) dropped.add('verbosity');
    else written.verbosity = verbosity;
  }
  return Object.keys(written).length === 0 ? {} : { text: written };
}

function writeFormat(format: ResponseFormat, dropped: DroppedFields, server: ResponsesServer): unknown {
  if (format.type === 'other') return dropped.keepOriginal(format.original, 'response_format');
  if (format.type === 'text') return { type: 'text' };
  if (format.type === 'json') return { type: 'json_object' };
  if (server.lacks.has('response_format.json_schema')) {
    dropped.add('response_format.json_schema');
    return { type: 'json_object' };
  }
  const { name, description, schema, strict } = format;
  return {
    type: 'json_schema',
    name,
    ...(description !== undefined && { description }),
    schema: schema ?? {},
    ...(strict !== undefined && { strict }),
  };
}
