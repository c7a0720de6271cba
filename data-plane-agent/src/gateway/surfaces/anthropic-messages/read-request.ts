import type {
  ChatRequest,
  ChatTool,
  Reasoning,
  ResponseFormat,
  ToolChoice,
} from '../../chat/chat-request.ts';
import { type Extra, isObject, type JsonObject, takeExtra } from '../../chat/wire.ts';
import { GatewayError } from '../../errors/gateway-error.ts';
import type { SurfaceInput } from '../chat-surface.ts';
import { readField, requireField, requireObject } from '../read-field.ts';
import { commonMembers } from './read-block.ts';
import { readMessage, readSystem } from './read-message.ts';

const WIRE = 'anthropic-messages';
const TAKEN = new Set([
  'model',
  'messages',
  'system',
  'max_tokens',
  'temperature',
  'top_p',
  'top_k',
  'stop_sequences',
  'stream',
  'tools',
  'tool_choice',
  'thinking',
  'metadata',
  'service_tier',
  'output_config',
]);
const OUTPUT_FIELDS = new Set(['effort', 'format']);
const METADATA_FIELDS = new Set(['user_id']);
const TOOL_FIELDS = new Set(['type', 'name', 'description', 'input_schema', 'strict', 'cache_control']);
const CHOICE_FIELDS = new Set(['type', 'name', 'disable_parallel_tool_use']);

/**
 * Reads the body of `POST /v1/messages` (Anthropic's API reference, "Create a Message").
 *
 * @param body as parsed; it is not changed, and parts of it are kept
 * @throws GatewayError `invalid_type`, `missing_required_parameter`
 */
export function readRequest(body: JsonObject, input: SurfaceInput): ChatRequest {
  const choice = readField(body, 'tool_choice', 'object');
  const output = readField(body, 'output_config', 'object') ?? {};
  const metadata = readField(body, 'metadata', 'object') ?? {};
  const single = choice && readField(choice, 'disable_parallel_tool_use', 'boolean', 'tool_choice.');
  const turns = requireField(body, 'messages', 'array');
  return {
    model: readField(body, 'model', 'string') ?? '',
    messages: [
      ...readSystem(body.system, 'system'),
      ...turns.flatMap((message, index) => readMessage(message, `messages[${index}]`)),
    ],
    tools: (readField(body, 'tools', 'array') ?? []).map((tool, index) => readTool(tool, `tools[${index}]`)),
    toolChoice: choice && readToolChoice(choice),
    parallelToolCalls: single === undefined ? undefined : !single,
    sampling: {
      temperature: readField(body, 'temperature', 'number'),
      topP: readField(body, 'top_p', 'number'),
      topK: readField(body, 'top_k', 'number'),
      maxOutputTokens: requireField(body, 'max_tokens', 'number'),
      stopSequences: readStops(body),
    },
    reasoning: readThinking(body, output),
    responseFormat: readFormat(output),
    endUser: readField(metadata, 'user_id', 'string', 'metadata.'),
    serviceTier: readTier(body),
    stream: readField(body, 'stream', 'boolean') ?? false,
    includeUsage: true,
    extra: readExtra(body, output, metadata, input),
  };
}

/** A beta that a client switches on in a header belongs to fields of the body: they are kept or reported together. */
function readExtra(
  body: JsonObject,
  output: JsonObject,
  metadata: JsonObject,
  input: SurfaceInput,
): Extra | undefined {
  const fields: Record<string, unknown> = { ...takeExtra(WIRE, body, TAKEN)?.fields };
  const config = takeExtra(WIRE, output, OUTPUT_FIELDS);
  if (config) fields.output_config = config.fields;
  const labels = takeExtra(WIRE, metadata, METADATA_FIELDS);
  if (labels) fields.metadata = labels.fields;
  const beta = input.header('anthropic-beta');
  if (beta !== undefined && beta !== '') fields.anthropic_beta = beta.split(',').map((name) => name.trim());
  return Object.keys(fields).length === 0 ? undefined : { wire: WIRE, fields };
}

function readTool(value: unknown, path: string): ChatTool {
  const tool = requireObject(value, path);
  const type = tool.type;
  // Anthropic's own tools have a dated type and no schema.
  if ((type !== undefined && type !== null && type !== 'custom') || !isObject(tool.input_schema))
    return { type: 'other', original: { wire: WIRE, value: tool } };
  const inside = `${path}.`;
  return {
    type: 'function',
    name: requireField(tool, 'name', 'string', inside),
    description: readField(tool, 'description', 'string', inside),
    parameters: tool.input_schema,
    strict: readField(tool, 'strict', 'boolean', inside),
    ...commonMembers(tool, TOOL_FIELDS),
  };
}

function readToolChoice(choice: JsonObject): ToolChoice {
  const known = takeExtra(WIRE, choice, CHOICE_FIELDS) === undefined;
  if (known && (choice.type === 'auto' || choice.type === 'none')) return { type: choice.type };
  if (known && choice.type === 'any') return { type: 'required' };
  if (known && choice.type === 'tool' && typeof choice.name === 'string')
    return { type: 'function', name: choice.name };
  return { type: 'other', original: { wire: WIRE, value: choice } };
}

function readThinking(body: JsonObject, output: JsonObject): Reasoning | undefined {
  const thinking = readField(body, 'thinking', 'object');
  const effort = readField(output, 'effort', 'string', 'output_config.');
  if (!thinking) return effort === undefined ? undefined : { effort, mode: 'adaptive' };
  const { type } = thinking;
  const mode = type === 'disabled' || type === 'adaptive' ? type : 'enabled';
  return {
    mode,
    effort,
    budgetTokens: readField(thinking, 'budget_tokens', 'number', 'thinking.'),
    ...(thinking.display === 'omitted' && { summary: 'none' }),
    ...(thinking.display === 'summarized' && { summary: 'auto' }),
  };
}

function readFormat(output: JsonObject): ResponseFormat | undefined {
  const format = readField(output, 'format', 'object', 'output_config.');
  if (!format) return undefined;
  if (format.type !== 'json_schema' || !isObject(format.schema))
    return { type: 'other', original: { wire: WIRE, value: format } };
  // The wire gives the schema no name, and others want one.
  return { type: 'json_schema', name: 'response', schema: format.schema, strict: true };
}

function readTier(body: JsonObject): string | undefined {
  const tier = readField(body, 'service_tier', 'string');
  return tier === 'standard_only' ? 'default' : tier;
}

function readStops(body: JsonObject): readonly string[] | undefined {
  return readField(body, 'stop_sequences', 'array')?.map((sequence, index) => {
    if (typeof sequence === 'string') return sequence;
    throw new GatewayError('invalid_type', {
      param: `stop_sequences[${index}]`,
      detail: 'It has to be a string.',
    });
  });
}
