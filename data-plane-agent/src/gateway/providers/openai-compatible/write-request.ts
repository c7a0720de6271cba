import type { OptionalChatField } from '@bonito/protocol';
import { writeCacheControl } from '../../chat/cache-hint.ts';
import type {
  ChatMessage,
  ChatRequest,
  ChatTool,
  Reasoning,
  ResponseFormat,
  Sampling,
  ToolChoice,
  ToolMessage,
} from '../../chat/chat-request.ts';
import { asFunctionTool } from '../../chat/custom-tools.ts';
import { DroppedFields, type Written } from '../../chat/dropped-fields.ts';
import { isObject, type JsonObject } from '../../chat/wire.ts';
import { chosenTool } from '../tool-names.ts';
import { ADDED_TURN, bridgeToolAnswers } from './bridge-tool-answers.ts';
import { functionParameters } from './function-parameters.ts';
import { promisedStrictness } from './promised-strictness.ts';
import type { ServerTraits } from './server-traits.ts';
import { wireToolName } from './tool-names.ts';
import { writeMessage, writeToolMedia } from './write-message.ts';

/**
 * Writes the body of `POST /chat/completions`. Pure: a retry writes again from the same request.
 *
 * @param model as the provider knows it
 * @returns the body, and the paths of what the wire or the server cannot express
 */
export function writeRequest(request: ChatRequest, model: string, server: ServerTraits): Written<JsonObject> {
  const dropped = new DroppedFields('openai-chat');
  const { reasoning } = request;
  const taken = new TakenFields(server, dropped);
  taken.put('parallel_tool_calls', request.parallelToolCalls);
  putSampling(taken, request.sampling, server);
  putReasoning(taken, reasoning, server, dropped);
  taken.put('user', request.endUser);
  taken.put('metadata', request.metadata);
  taken.put('service_tier', request.serviceTier);
  taken.put('verbosity', request.verbosity);
  taken.put('prompt_cache_key', request.cacheKey);
  taken.put('modalities', request.outputModalities);
  const messages = writeMessages(request.messages, dropped, server);
  const body: Record<string, unknown> = {
    model,
    messages,
    ...writeTools(request.tools, dropped, server),
    ...(request.toolChoice && writeToolChoice(request.toolChoice, request.tools, dropped, server)),
    ...taken.fields,
    ...(request.responseFormat && writeResponseFormat(request.responseFormat, messages, dropped, server)),
    ...(request.stream && { stream: true }),
  };
  const { stream_options: streamOptions, ...extra } = dropped.keepExtra(request.extra, '');
  const options = {
    ...(isObject(streamOptions) && streamOptions),
    ...(request.stream && { include_usage: true }),
  };
  if (!server.lacks.has('stream_options')) {
    if (Object.keys(options).length > 0) body.stream_options = options;
  } else if (streamOptions !== undefined) dropped.add('stream_options');
  return { value: { ...extra, ...body }, dropped: dropped.names };
}

/** Collects optional fields; one that the server does not take is noted instead. */
class TakenFields {
  readonly fields: Record<string, unknown> = {};
  private readonly server: ServerTraits;
  private readonly dropped: DroppedFields;

  constructor(server: ServerTraits, dropped: DroppedFields) {
    this.server = server;
    this.dropped = dropped;
  }

  put(name: OptionalChatField, value: unknown, field: string = name): void {
    if (value === undefined) return;
    if (this.server.lacks.has(name)) this.dropped.add(field);
    else this.fields[field] = value;
  }
}

/** The messages in their order; what tools answered besides text follows after the run of their answers. */
function writeMessages(
  messages: readonly ChatMessage[],
  dropped: DroppedFields,
  server: ServerTraits,
): readonly unknown[] {
  const written: unknown[] = [];
  let answers: { message: ToolMessage; path: string }[] = [];
  const flush = () => {
    const media = writeToolMedia(answers, dropped, server);
    if (media) written.push(media);
    answers = [];
  };
  messages.forEach((message, index) => {
    const path = `messages[${index}]`;
    if (message.role === 'tool') answers.push({ message, path });
    else flush();
    const one = writeMessage(message, path, dropped, server);
    if (one !== undefined) written.push(one);
  });
  flush();
  const last = written.at(-1);
  // What the model is to go on with; refused there without the mark.
  if (server.marksPrefix && isObject(last) && last.role === 'assistant' && last.tool_calls === undefined)
    written.splice(-1, 1, { ...last, prefix: true });
  const bridged = server.userAfterTool ? written : bridgeToolAnswers(written);
  if (bridged !== written) dropped.add(ADDED_TURN);
  return bridged;
}

/**
 * How much to think. This wire has words alone; OpenRouter's `reasoning` takes a number of tokens too. That a model is not
 * to think at all can only be said to models that know the word, which is for the client to say.
 */
function putReasoning(
  taken: TakenFields,
  reasoning: Reasoning | undefined,
  server: ServerTraits,
  dropped: DroppedFields,
): void {
  if (!reasoning) return;
  const { mode, budgetTokens, summary } = reasoning;
  const effort = effortOfThinking(reasoning, dropped);
  if (server.reasoningDetails) {
    const asked = {
      ...(mode === 'disabled' && { enabled: false }),
      ...(mode === 'enabled' && effort === undefined && budgetTokens === undefined && { enabled: true }),
      ...(effort !== undefined && { effort }),
      ...(budgetTokens !== undefined && effort === undefined && { max_tokens: budgetTokens }),
      ...(summary === 'none' && { exclude: true }),
    };
    if (budgetTokens !== undefined && effort !== undefined) dropped.add('reasoning.budget_tokens');
    if (Object.keys(asked).length > 0) taken.fields.reasoning = asked;
  } else {
    if (effort !== undefined && server.refusedEfforts.includes(effort)) dropped.add('reasoning.effort');
    else taken.put('reasoning_effort', effort);
    const thinking = writeThinking(reasoning, server);
    if (thinking) taken.fields.thinking = thinking;
    else if (mode === 'disabled' && effort === undefined) dropped.add('reasoning.mode');
    if (budgetTokens !== undefined && thinking?.budget_tokens === undefined)
      dropped.add('reasoning.budget_tokens');
  }
  if (summary !== undefined && summary !== 'none') dropped.add('reasoning.summary');
}

/** Anthropic's effort is one of answering too, and stands beside thinking that is switched off; here there is none then. */
export function effortOfThinking({ mode, effort }: Reasoning, dropped: DroppedFields): string | undefined {
  if (mode !== 'disabled' || effort === undefined || effort === 'none') return effort;
  dropped.add('reasoning.effort');
  return undefined;
}

/** Thinking on or off, where the server has a switch for it; undefined where nothing was asked, or effort says it. */
function writeThinking(
  { mode, effort, budgetTokens }: Reasoning,
  { thinking }: ServerTraits,
): JsonObject | undefined {
  if (thinking === undefined) return undefined;
  if (mode === 'disabled') return { type: 'disabled' };
  if (mode !== 'enabled' || effort !== undefined) return undefined;
  const budget = thinking === 'budget' && budgetTokens !== undefined;
  return { type: 'enabled', ...(budget && { budget_tokens: budgetTokens }) };
}

function putSampling(taken: TakenFields, sampling: Sampling, server: ServerTraits): void {
  const plain: Record<string, unknown> = {
    temperature: sampling.temperature,
    top_p: sampling.topP,
    [server.maxTokensField]: sampling.maxOutputTokens,
    stop: sampling.stopSequences,
  };
  for (const [name, value] of Object.entries(plain)) if (value !== undefined) taken.fields[name] = value;
  taken.put('top_k', sampling.topK);
  taken.put('frequency_penalty', sampling.frequencyPenalty);
  taken.put('presence_penalty', sampling.presencePenalty);
  taken.put('seed', sampling.seed, server.seedField);
  taken.put('logit_bias', sampling.logitBias);
  taken.put('logprobs', sampling.logprobs);
  taken.put('logprobs', sampling.topLogprobs, 'top_logprobs');
  taken.put('n', sampling.choices);
}

function writeTools(tools: readonly ChatTool[], dropped: DroppedFields, server: ServerTraits): JsonObject {
  const written = tools.map((tool, index) => writeTool(tool, `tools[${index}]`, dropped, server));
  const kept = written.filter((tool) => tool !== undefined);
  return kept.length === 0 ? {} : { tools: kept };
}

function writeTool(given: ChatTool, path: string, dropped: DroppedFields, server: ServerTraits): unknown {
  if (given.type === 'other') return dropped.keepOriginal(given.original, path);
  if (given.type === 'custom' && !server.lacks.has('tools.custom')) {
    const custom = {
      name: wireToolName(given),
      ...(given.description !== undefined && { description: given.description }),
      ...(given.format !== undefined && { format: writeToolFormat(given.format) }),
      ...dropped.keepExtra(given.extra, path),
    };
    return { type: 'custom', custom };
  }
  if (given.type === 'custom' && given.format !== undefined) dropped.add(`${path}.format`);
  const tool = given.type === 'custom' ? asFunctionTool(given) : given;
  const strict = tool.strict !== undefined && !server.lacks.has('tools.strict');
  if (tool.strict !== undefined && !strict) dropped.add(`${path}.strict`);
  const promised = strict ? promisedStrictness(tool, tool.parameters, `${path}.strict`, dropped) : undefined;
  const definition = {
    name: wireToolName(tool),
    ...(tool.description !== undefined && { description: tool.description }),
    ...(tool.parameters !== undefined && { parameters: functionParameters(tool.parameters) }),
    ...(promised !== undefined && { strict: promised }),
    ...dropped.keepExtra(tool.extra, path),
  };
  if (tool.cache && !server.cacheControl) dropped.add(`${path}.cache_control`);
  return {
    type: 'function',
    function: definition,
    ...(tool.cache && server.cacheControl && { cache_control: writeCacheControl(tool.cache) }),
  };
}

/** A grammar: this wire has it one level deeper than the Responses API, whose agents send most of them. */
function writeToolFormat(format: JsonObject): JsonObject {
  const { type, syntax, definition, ...rest } = format;
  if (type !== 'grammar' || definition === undefined) return format;
  return { type, grammar: { syntax, definition }, ...rest };
}

function writeToolChoice(
  choice: ToolChoice,
  tools: readonly ChatTool[],
  dropped: DroppedFields,
  server: ServerTraits,
): JsonObject {
  if (choice.type === 'custom' && !server.lacks.has('tools.custom'))
    return {
      tool_choice: { type: 'custom', custom: { name: wireToolName(chosenTool(choice.name, tools)) } },
    };
  if (choice.type === 'function' || choice.type === 'custom')
    return {
      tool_choice: { type: 'function', function: { name: wireToolName(chosenTool(choice.name, tools)) } },
    };
  if (choice.type === 'required' && server.lacks.has('tool_choice.required')) {
    dropped.add('tool_choice');
    return {};
  }
  if (choice.type !== 'other') return { tool_choice: choice.type };
  const original = dropped.keepOriginal(choice.original, 'tool_choice');
  return original === undefined ? {} : { tool_choice: original };
}

function writeResponseFormat(
  format: ResponseFormat,
  messages: readonly unknown[],
  dropped: DroppedFields,
  server: ServerTraits,
): JsonObject {
  if (format.type === 'other') {
    const original = dropped.keepOriginal(format.original, 'response_format');
    return original === undefined ? {} : { response_format: original };
  }
  if (format.type === 'text') return { response_format: { type: 'text' } };
  if (format.type === 'json') {
    if (!server.lacks.has('response_format.json_object')) return { response_format: { type: 'json_object' } };
    dropped.add('response_format');
    return {};
  }
  if (server.lacks.has('response_format.json_schema')) {
    dropped.add('response_format.json_schema');
    // DeepSeek refuses that where no message says the word, as a client that sends a schema need not.
    return /json/i.test(JSON.stringify(messages)) ? { response_format: { type: 'json_object' } } : {};
  }
  const strict = promisedStrictness(format, format.schema, 'response_format.json_schema.strict', dropped);
  const definition = {
    name: format.name,
    ...(format.description !== undefined && { description: format.description }),
    ...(format.schema !== undefined && { schema: format.schema }),
    ...(strict !== undefined && { strict }),
  };
  return { response_format: { type: 'json_schema', json_schema: definition } };
}
