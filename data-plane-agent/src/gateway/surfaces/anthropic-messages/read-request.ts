import type { ChatRequest, ResponseFormat } from '../../chat/chat-request.ts';
import { type Extra, isObject, type JsonObject, takeExtra } from '../../chat/wire.ts';
import { GatewayError } from '../../errors/gateway-error.ts';
import type { SurfaceInput } from '../chat-surface.ts';
import { readField, requireField } from '../read-field.ts';
import { readMessage, readSystem } from './read-message.ts';
import { readThinking, readThinkingExtra } from './read-thinking.ts';
import { readToolChoice, readTools } from './read-tools.ts';

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
  'output_format',
]);
const OUTPUT_FIELDS = new Set(['effort', 'format']);
const METADATA_FIELDS = new Set(['user_id']);

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
  const lastUser = turns.findLastIndex((turn) => isObject(turn) && turn.role === 'user');
  return {
    model: readField(body, 'model', 'string') ?? '',
    messages: [
      ...readSystem(body.system, 'system'),
      ...turns.flatMap((message, index) =>
        index < lastUser && isPassing(message) ? [] : readMessage(message, `messages[${index}]`),
      ),
    ],
    tools: readTools(body, turns),
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
    responseFormat: readFormat(body, output),
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
  const thinking = readThinkingExtra(body.thinking);
  if (thinking) fields.thinking = thinking;
  const config = takeExtra(WIRE, output, OUTPUT_FIELDS);
  if (config) fields.output_config = config.fields;
  const labels = takeExtra(WIRE, metadata, METADATA_FIELDS);
  if (labels) fields.metadata = labels.fields;
  const beta = input.header('anthropic-beta');
  if (beta !== undefined && beta !== '') fields.anthropic_beta = beta.split(',').map((name) => name.trim());
  return Object.keys(fields).length === 0 ? undefined : { wire: WIRE, fields };
}

/** Instructions for one turn of the user's, which are not shown any more once there is another. */
function isPassing(message: unknown): boolean {
  return isObject(message) && message.role === 'system' && message.clear_at === 'next_user_message';
}

/** Older clients have it outside of `output_config`. */
function readFormat(body: JsonObject, output: JsonObject): ResponseFormat | undefined {
  const format =
    readField(output, 'format', 'object', 'output_config.') ?? readField(body, 'output_format', 'object');
  if (!format) return undefined;
  if (format.type !== 'json_schema' || !isObject(format.schema))
    return { type: 'other', original: { wire: WIRE, value: format } };
  // The wire gives the schema no name, and others want one.
  return {
    type: 'json_schema',
    name: 'response',
    schema: format.schema,
    strict: true,
    optionalMembers: true,
  };
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
