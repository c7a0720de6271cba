import type { ChatRequest, ChatTool, ResponseFormat, Sampling, ToolChoice } from '../../chat/chat-request.ts';
import { DroppedFields, type Written } from '../../chat/dropped-fields.ts';
import { isObject, type JsonObject } from '../../chat/wire.ts';
import { writeMessage } from './write-message.ts';

/** What differs between servers that speak this wire. */
export interface WriteRequestOptions {
  /** OpenAI's reasoning models refuse `max_tokens`; some other servers know nothing else. */
  readonly maxTokensField: 'max_tokens' | 'max_completion_tokens';
}

/**
 * Writes the body of `POST /chat/completions`. Pure: a retry writes again from the same request.
 *
 * @returns the body, and the paths of what the wire cannot express
 */
export function writeRequest(request: ChatRequest, options: WriteRequestOptions): Written<JsonObject> {
  const dropped = new DroppedFields('openai-chat');
  const body: Record<string, unknown> = {
    model: request.model,
    messages: request.messages
      .map((message, index) => writeMessage(message, `messages[${index}]`, dropped))
      .filter((message) => message !== undefined),
    ...writeTools(request.tools, dropped),
    ...(request.toolChoice && writeToolChoice(request.toolChoice, dropped)),
    ...(request.parallelToolCalls !== undefined && { parallel_tool_calls: request.parallelToolCalls }),
    ...writeSampling(request.sampling, options),
    ...(request.reasoning?.effort !== undefined && { reasoning_effort: request.reasoning.effort }),
    ...(request.responseFormat && writeResponseFormat(request.responseFormat, dropped)),
    ...(request.endUser !== undefined && { user: request.endUser }),
    ...(request.stream && { stream: true }),
  };
  if (request.reasoning?.budgetTokens !== undefined) dropped.add('reasoning.budget_tokens');
  const { stream_options: streamOptions, ...extra } = dropped.keepExtra(request.extra, '');
  if (request.includeUsage || isObject(streamOptions)) {
    body.stream_options = {
      ...(isObject(streamOptions) && streamOptions),
      ...(request.includeUsage && { include_usage: true }),
    };
  }
  return { value: { ...extra, ...body }, dropped: dropped.names };
}

function writeTools(tools: readonly ChatTool[], dropped: DroppedFields): JsonObject {
  const written = tools.map((tool, index) => writeTool(tool, `tools[${index}]`, dropped));
  const kept = written.filter((tool) => tool !== undefined);
  return kept.length === 0 ? {} : { tools: kept };
}

function writeTool(tool: ChatTool, path: string, dropped: DroppedFields): unknown {
  if (tool.type === 'other') return dropped.keepOriginal(tool.original, path);
  const definition = {
    name: tool.name,
    ...(tool.description !== undefined && { description: tool.description }),
    ...(tool.parameters !== undefined && { parameters: tool.parameters }),
    ...(tool.strict !== undefined && { strict: tool.strict }),
    ...dropped.keepExtra(tool.extra, path),
  };
  return { type: 'function', function: definition };
}

function writeToolChoice(choice: ToolChoice, dropped: DroppedFields): JsonObject {
  if (choice.type === 'function')
    return { tool_choice: { type: 'function', function: { name: choice.name } } };
  if (choice.type !== 'other') return { tool_choice: choice.type };
  const original = dropped.keepOriginal(choice.original, 'tool_choice');
  return original === undefined ? {} : { tool_choice: original };
}

function writeSampling(sampling: Sampling, options: WriteRequestOptions): JsonObject {
  const named: Record<string, unknown> = {
    temperature: sampling.temperature,
    top_p: sampling.topP,
    top_k: sampling.topK,
    frequency_penalty: sampling.frequencyPenalty,
    presence_penalty: sampling.presencePenalty,
    seed: sampling.seed,
    [options.maxTokensField]: sampling.maxOutputTokens,
    stop: sampling.stopSequences,
  };
  return Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined));
}

function writeResponseFormat(format: ResponseFormat, dropped: DroppedFields): JsonObject {
  if (format.type === 'other') {
    const original = dropped.keepOriginal(format.original, 'response_format');
    return original === undefined ? {} : { response_format: original };
  }
  if (format.type === 'text') return { response_format: { type: 'text' } };
  if (format.type === 'json') return { response_format: { type: 'json_object' } };
  const definition = {
    name: format.name,
    ...(format.description !== undefined && { description: format.description }),
    ...(format.schema !== undefined && { schema: format.schema }),
    ...(format.strict !== undefined && { strict: format.strict }),
  };
  return { response_format: { type: 'json_schema', json_schema: definition } };
}
