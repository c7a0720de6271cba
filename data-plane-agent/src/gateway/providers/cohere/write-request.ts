import type { ChatRequest, Reasoning, ResponseFormat, Sampling } from '../../chat/chat-request.ts';
import { DroppedFields, type Written } from '../../chat/dropped-fields.ts';
import type { Extra, JsonObject } from '../../chat/wire.ts';
import { compileSchema } from './compile-schema.ts';
import { writeMessage } from './write-message.ts';
import { writeTools } from './write-tools.ts';

/** Cohere's own members, which clients of other wires add to their requests too. */
const OWN = new Set(['documents', 'citation_options', 'safety_mode', 'strict_tools', 'priority']);

/**
 * Writes the body of `POST /v2/chat`. Pure: a retry writes again from the same request.
 *
 * @see https://docs.cohere.com/reference/chat
 */
export function writeRequest(request: ChatRequest, model: string): Written<JsonObject> {
  const dropped = new DroppedFields('cohere-chat');
  const messages = request.messages.map((message, index) =>
    writeMessage(message, `messages[${index}]`, dropped),
  );
  const extra = writeExtra(request.extra, dropped);
  const tools = writeTools(request, dropped);
  const value = {
    ...extra,
    model,
    messages: messages.filter((message) => message !== undefined),
    ...tools,
    ...writeSampling(request.sampling, dropped),
    ...writeThinking(request.reasoning, dropped),
    ...writeFormat(request.responseFormat, tools.tools ?? extra.documents, dropped),
    stream: request.stream,
  };
  noteForeign(request, dropped);
  return { value, dropped: dropped.names };
}

function writeExtra(extra: Extra | undefined, dropped: DroppedFields): JsonObject {
  if (!extra || extra.wire === 'cohere-chat') return dropped.keepExtra(extra, '');
  const entries = Object.entries(extra.fields);
  // Whether the usage of a stream is shown is between the client and the gateway: Cohere always tells it.
  const foreign = entries.filter(([name]) => !OWN.has(name) && name !== 'stream_options');
  dropped.keepExtra({ wire: extra.wire, fields: Object.fromEntries(foreign) }, '');
  return Object.fromEntries(entries.filter(([name]) => OWN.has(name)));
}

function writeSampling(sampling: Sampling, dropped: DroppedFields): JsonObject {
  const { logprobs } = sampling;
  const upTo = (most: number, value: number | undefined, name: string) => {
    const cut = value === undefined ? undefined : Math.min(Math.max(value, 0), most);
    if (cut !== value) dropped.add(name);
    return cut;
  };
  if (sampling.logitBias !== undefined) dropped.add('logit_bias');
  if (sampling.topLogprobs !== undefined) dropped.add('top_logprobs');
  if (sampling.choices !== undefined && sampling.choices !== 1) dropped.add('n');
  // OpenAI's ranges are wider.
  const fields: JsonObject = {
    temperature: upTo(1, sampling.temperature, 'temperature'),
    p: upTo(LARGEST_P, sampling.topP, 'top_p'),
    k: sampling.topK,
    frequency_penalty: upTo(1, sampling.frequencyPenalty, 'frequency_penalty'),
    presence_penalty: upTo(1, sampling.presencePenalty, 'presence_penalty'),
    seed: sampling.seed,
    max_tokens: sampling.maxOutputTokens,
    stop_sequences: sampling.stopSequences,
    logprobs,
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** Without it the model would use its own 0.75. */
const LARGEST_P = 0.99;

/** Cohere knows on, off and a budget. Words for the effort have no number that would mean the same. */
function writeThinking(reasoning: Reasoning | undefined, dropped: DroppedFields): JsonObject {
  if (!reasoning) return {};
  const { mode, effort, budgetTokens, summary } = reasoning;
  if (summary !== undefined && summary !== 'none') dropped.add('reasoning.summary');
  if (mode === 'disabled' || effort === 'none') return { thinking: { type: 'disabled' } };
  if (effort !== undefined) dropped.add('reasoning.effort');
  if (mode === 'adaptive') dropped.add('reasoning.mode');
  if (mode !== 'enabled' && effort === undefined && budgetTokens === undefined) return {};
  return { thinking: { type: 'enabled', ...(budgetTokens !== undefined && { token_budget: budgetTokens }) } };
}

/** @param beside tools or documents, with which Cohere takes no format */
function writeFormat(
  format: ResponseFormat | undefined,
  beside: unknown,
  dropped: DroppedFields,
): JsonObject {
  if (format === undefined || format.type === 'text') return {};
  if (beside !== undefined) {
    dropped.add('response_format');
    return {};
  }
  switch (format.type) {
    case 'json':
      return { response_format: { type: 'json_object' } };
    case 'other': {
      const original = dropped.keepOriginal(format.original, 'response_format');
      return original === undefined ? {} : { response_format: original };
    }
    case 'json_schema': {
      const path = 'response_format.json_schema';
      if (format.description !== undefined) dropped.add(`${path}.description`);
      const schema = format.schema && compileSchema(format.schema, `${path}.schema`, dropped);
      return { response_format: { type: 'json_object', ...(schema && { json_schema: schema }) } };
    }
  }
}

function noteForeign(request: ChatRequest, dropped: DroppedFields): void {
  if (request.endUser !== undefined) dropped.add('user');
  if (request.metadata !== undefined) dropped.add('metadata');
  if (request.serviceTier !== undefined) dropped.add('service_tier');
  if (request.verbosity !== undefined) dropped.add('verbosity');
  if (request.cacheKey !== undefined) dropped.add('prompt_cache_key');
  if (request.outputModalities?.some((modality) => modality !== 'text')) dropped.add('modalities');
}
