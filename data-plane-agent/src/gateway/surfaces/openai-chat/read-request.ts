import { readCacheControl } from '../../chat/cache-hint.ts';
import type {
  ChatRequest,
  ChatTool,
  Reasoning,
  ResponseFormat,
  ToolChoice,
} from '../../chat/chat-request.ts';
import { isObject, type JsonObject, takeExtra } from '../../chat/wire.ts';
import { GatewayError } from '../../errors/gateway-error.ts';
import { readField, requireField, requireObject } from '../read-field.ts';
import { declaresFunctions, withTools } from './older-functions.ts';
import { readMessage } from './read-message.ts';

const WIRE = 'openai-chat';

const TAKEN = new Set([
  'model',
  'messages',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'temperature',
  'top_p',
  'top_k',
  'frequency_penalty',
  'presence_penalty',
  'seed',
  'max_completion_tokens',
  'stop',
  'reasoning_effort',
  'response_format',
  'user',
  'stream',
  'stream_options',
  'n',
  'logit_bias',
  'logprobs',
  'top_logprobs',
  'metadata',
  'service_tier',
  'verbosity',
  'prompt_cache_key',
  'modalities',
]);
const STREAM_OPTIONS = new Set(['include_usage']);
const CUSTOM_FIELDS = new Set(['name', 'description', 'format']);
const FUNCTION_FIELDS = new Set(['name', 'description', 'parameters', 'strict']);

/**
 * Reads the body of `POST /v1/chat/completions` (OpenAI's API reference, "Create chat completion").
 *
 * @param body as parsed; it is not changed, and parts of it are kept
 * @throws GatewayError `invalid_type`, `missing_required_parameter`
 */
export function readRequest(body: JsonObject): ChatRequest {
  return declaresFunctions(body)
    ? { ...readModern(withTools(body)), olderFunctions: true }
    : readModern(body);
}

function readModern(body: JsonObject): ChatRequest {
  const newerLimit = readField(body, 'max_completion_tokens', 'number');
  const streamOptions = readField(body, 'stream_options', 'object') ?? {};
  const detailed = readReasoning(body);
  return {
    model: requireField(body, 'model', 'string'),
    messages: requireField(body, 'messages', 'array').map((message, index) =>
      readMessage(message, `messages[${index}]`),
    ),
    tools: (readField(body, 'tools', 'array') ?? []).map((tool, index) => readTool(tool, `tools[${index}]`)),
    toolChoice: readToolChoice(body.tool_choice),
    parallelToolCalls: readField(body, 'parallel_tool_calls', 'boolean'),
    sampling: {
      temperature: readField(body, 'temperature', 'number'),
      topP: readField(body, 'top_p', 'number'),
      topK: readField(body, 'top_k', 'number'),
      frequencyPenalty: readField(body, 'frequency_penalty', 'number'),
      presencePenalty: readField(body, 'presence_penalty', 'number'),
      seed: readField(body, 'seed', 'number'),
      maxOutputTokens: newerLimit ?? readField(body, 'max_tokens', 'number'),
      stopSequences: readStop(body.stop),
      logitBias: readField(body, 'logit_bias', 'object'),
      logprobs: readField(body, 'logprobs', 'boolean'),
      topLogprobs: readField(body, 'top_logprobs', 'number'),
      choices: readField(body, 'n', 'number'),
    },
    reasoning: detailed?.reasoning ?? readEffort(body),
    responseFormat: readResponseFormat(body.response_format),
    endUser: readField(body, 'user', 'string'),
    metadata: readField(body, 'metadata', 'object'),
    serviceTier: readField(body, 'service_tier', 'string'),
    verbosity: readField(body, 'verbosity', 'string'),
    cacheKey: readField(body, 'prompt_cache_key', 'string'),
    outputModalities: readModalities(body),
    stream: readField(body, 'stream', 'boolean') ?? false,
    includeUsage: readField(streamOptions, 'include_usage', 'boolean', 'stream_options.') ?? false,
    extra: readExtra(body, streamOptions, [
      ...(newerLimit === undefined ? ['max_tokens'] : []),
      ...(detailed ? ['reasoning'] : []),
    ]),
  };
}

function readEffort(body: JsonObject): Reasoning | undefined {
  const effort = readField(body, 'reasoning_effort', 'string');
  return effort === undefined ? undefined : { effort };
}

/**
 * OpenRouter's `reasoning`, which clients of several servers send: a word or a number of tokens, `enabled`, `exclude`.
 * Undefined when it is of another shape; it then stays an extra.
 */
function readReasoning(body: JsonObject): { reasoning: Reasoning } | undefined {
  const { reasoning: given } = body;
  if (!isObject(given)) return undefined;
  const { effort, max_tokens: budgetTokens, enabled, exclude, ...unknown } = given;
  if (Object.keys(unknown).length > 0) return undefined;
  if (effort !== undefined && effort !== null && typeof effort !== 'string') return undefined;
  if (budgetTokens !== undefined && budgetTokens !== null && typeof budgetTokens !== 'number')
    return undefined;
  return {
    reasoning: {
      ...readEffort(body),
      ...(typeof effort === 'string' && { effort }),
      ...(typeof budgetTokens === 'number' && { budgetTokens }),
      ...(typeof enabled === 'boolean' && { mode: enabled ? 'enabled' : 'disabled' }),
      ...(exclude === true && { summary: 'none' }),
    },
  };
}

/** What is left of `stream_options` stays under its name. */
function readExtra(body: JsonObject, streamOptions: JsonObject, more: readonly string[]) {
  const extra = takeExtra(WIRE, body, more.length === 0 ? TAKEN : new Set([...TAKEN, ...more]));
  const options = takeExtra(WIRE, streamOptions, STREAM_OPTIONS);
  if (options === undefined) return extra;
  return { wire: WIRE, fields: { ...extra?.fields, stream_options: options.fields } } as const;
}

function readModalities(body: JsonObject): readonly string[] | undefined {
  return readField(body, 'modalities', 'array')?.map((modality, index) => {
    if (typeof modality === 'string') return modality;
    throw new GatewayError('invalid_type', { param: `modalities[${index}]` });
  });
}

function readTool(value: unknown, path: string): ChatTool {
  const tool = requireObject(value, path);
  const cache = readCacheControl(tool.cache_control);
  const members = Object.keys(tool).length - (cache ? 1 : 0);
  const definition = tool.function;
  if (
    tool.type === 'custom' &&
    isObject(tool.custom) &&
    typeof tool.custom.name === 'string' &&
    members === 2
  )
    return readCustomTool(tool.custom, path);
  if (tool.type !== 'function' || !isObject(definition) || members !== 2) {
    return { type: 'other', original: { wire: WIRE, value: tool } };
  }
  const inside = `${path}.function.`;
  return {
    type: 'function',
    name: requireField(definition, 'name', 'string', inside),
    description: readField(definition, 'description', 'string', inside),
    parameters: readField(definition, 'parameters', 'object', inside),
    strict: readField(definition, 'strict', 'boolean', inside),
    ...(cache && { cache }),
    extra: takeExtra(WIRE, definition, FUNCTION_FIELDS),
  };
}

function readCustomTool(definition: JsonObject, path: string): ChatTool {
  const inside = `${path}.custom.`;
  return {
    type: 'custom',
    name: requireField(definition, 'name', 'string', inside),
    description: readField(definition, 'description', 'string', inside),
    format: readField(definition, 'format', 'object', inside),
    extra: takeExtra(WIRE, definition, CUSTOM_FIELDS),
  };
}

function readToolChoice(value: unknown): ToolChoice | undefined {
  if (value === undefined || value === null) return undefined;
  if (value === 'auto' || value === 'none' || value === 'required') return { type: value };
  // Mistral's word.
  if (value === 'any') return { type: 'required' };
  const named =
    isObject(value) && value.type === 'function' && isObject(value.function) ? value.function : {};
  if (typeof named.name === 'string' && Object.keys(named).length === 1)
    return { type: 'function', name: named.name };
  const custom = isObject(value) && value.type === 'custom' && isObject(value.custom) ? value.custom : {};
  if (typeof custom.name === 'string' && Object.keys(custom).length === 1)
    return { type: 'custom', name: custom.name };
  return { type: 'other', original: { wire: WIRE, value } };
}

function readResponseFormat(value: unknown): ResponseFormat | undefined {
  if (value === undefined || value === null) return undefined;
  const format = requireObject(value, 'response_format');
  if (format.type === 'text') return { type: 'text' };
  if (format.type === 'json_object') {
    // Together, Fireworks and llama.cpp take a schema here.
    const schema = readField(format, 'schema', 'object', 'response_format.');
    return schema === undefined ? { type: 'json' } : { type: 'json_schema', name: 'answer', schema };
  }
  const definition = format.json_schema;
  if (format.type !== 'json_schema' || !isObject(definition))
    return { type: 'other', original: { wire: WIRE, value } };
  const inside = 'response_format.json_schema.';
  return {
    type: 'json_schema',
    name: requireField(definition, 'name', 'string', inside),
    description: readField(definition, 'description', 'string', inside),
    schema: readField(definition, 'schema', 'object', inside),
    strict: readField(definition, 'strict', 'boolean', inside),
  };
}

function readStop(value: unknown): readonly string[] | undefined {
  if (value === undefined || value === null) return undefined;
  const sequences: unknown[] = Array.isArray(value) ? value : [value];
  return sequences.map((sequence) => {
    if (typeof sequence === 'string') return sequence;
    throw new GatewayError('invalid_type', {
      param: 'stop',
      detail: 'It has to be a string or a list of strings.',
    });
  });
}
