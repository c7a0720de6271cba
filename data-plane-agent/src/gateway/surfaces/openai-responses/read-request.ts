import type { Reasoning, ResponseFormat, SystemMessage } from '../../chat/chat-request.ts';
import { type Extra, type JsonObject, takeExtra } from '../../chat/wire.ts';
import { GatewayError } from '../../errors/gateway-error.ts';
import { readField, requireField } from '../read-field.ts';
import { WIRE } from './read-content.ts';
import { readInput } from './read-input.ts';
import { readToolChoice, readTools } from './read-tools.ts';
import { type EchoedRequest, readEcho } from './response-echo.ts';

const TAKEN = new Set([
  'model',
  'input',
  'instructions',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'reasoning',
  'text',
  'max_output_tokens',
  'temperature',
  'top_p',
  'top_logprobs',
  'metadata',
  'user',
  'safety_identifier',
  'prompt_cache_key',
  'service_tier',
  'store',
  'include',
  'truncation',
  'stream',
  'stream_options',
  'background',
  'conversation',
  'previous_response_id',
  'prompt',
]);
const REASONING_FIELDS = new Set(['effort', 'summary', 'generate_summary']);
const TEXT_FIELDS = new Set(['format', 'verbosity']);
const FORMAT_FIELDS = new Set(['type', 'name', 'description', 'schema', 'strict']);

/** What is kept at OpenAI between requests, or done there after them. */
const NEEDS_A_STORE: Readonly<Record<string, string>> = {
  background: 'Answers are not kept here: wait for the answer, or stream it.',
  conversation: 'Conversations are not kept here: send all of it as "input".',
  previous_response_id: 'Answers are not kept here: send all of the conversation as "input".',
  prompt: 'Prompts are not kept here: send the text as "instructions" and "input".',
};
const LOGPROBS = 'message.output_text.logprobs';
/** Reasoning comes with its state always. */
const ALWAYS_INCLUDED = 'reasoning.encrypted_content';

/**
 * Reads the body of `POST /v1/responses` (OpenAI's API reference, "Create a model response").
 *
 * @param body as parsed; it is not changed, and parts of it are kept
 * @throws GatewayError `invalid_type`, `missing_required_parameter`, `unsupported_parameter`
 */
export function readRequest(body: JsonObject): EchoedRequest {
  refuseStored(body);
  const text = readField(body, 'text', 'object') ?? {};
  const reasoning = readField(body, 'reasoning', 'object') ?? {};
  const include = readField(body, 'include', 'array') ?? [];
  const { tools, toolChoice } = readToolChoice(body.tool_choice, readTools(body));
  const user = readField(body, 'user', 'string');
  const topLogprobs = readField(body, 'top_logprobs', 'number');
  const logprobs = include.includes(LOGPROBS) || (topLogprobs ?? 0) > 0;
  return {
    model: requireField(body, 'model', 'string'),
    messages: [...readInstructions(body), ...readInput(body.input)],
    tools,
    toolChoice,
    parallelToolCalls: readField(body, 'parallel_tool_calls', 'boolean'),
    sampling: {
      temperature: readField(body, 'temperature', 'number'),
      topP: readField(body, 'top_p', 'number'),
      maxOutputTokens: readField(body, 'max_output_tokens', 'number'),
      ...(logprobs && { logprobs, topLogprobs }),
    },
    reasoning: readReasoning(reasoning),
    responseFormat: readFormat(text),
    endUser: user ?? readField(body, 'safety_identifier', 'string'),
    metadata: readField(body, 'metadata', 'object'),
    serviceTier: readField(body, 'service_tier', 'string'),
    verbosity: readField(text, 'verbosity', 'string', 'text.'),
    cacheKey: readField(body, 'prompt_cache_key', 'string'),
    stream: readField(body, 'stream', 'boolean') ?? false,
    includeUsage: true,
    extra: readExtra(body, { text, reasoning, include }),
    echo: readEcho(body),
  };
}

function refuseStored(body: JsonObject): void {
  for (const [param, detail] of Object.entries(NEEDS_A_STORE)) {
    const value = body[param];
    if (value === undefined || value === null || value === false) continue;
    throw new GatewayError('unsupported_parameter', { param, detail });
  }
}

function readInstructions(body: JsonObject): SystemMessage[] {
  const text = readField(body, 'instructions', 'string');
  return text === undefined ? [] : [{ role: 'system', content: [{ type: 'text', text }] }];
}

function readReasoning(reasoning: JsonObject): Reasoning | undefined {
  const effort = readField(reasoning, 'effort', 'string', 'reasoning.');
  const summary =
    readField(reasoning, 'summary', 'string', 'reasoning.') ??
    readField(reasoning, 'generate_summary', 'string', 'reasoning.');
  if (effort === undefined && summary === undefined) return undefined;
  return { ...(effort !== undefined && { effort }), ...(summary !== undefined && { summary }) };
}

function readFormat(text: JsonObject): ResponseFormat | undefined {
  const format = readField(text, 'format', 'object', 'text.');
  if (format === undefined) return undefined;
  if (format.type === 'text') return { type: 'text' };
  if (format.type === 'json_object') return { type: 'json' };
  if (format.type !== 'json_schema' || takeExtra(WIRE, format, FORMAT_FIELDS))
    return { type: 'other', original: { wire: WIRE, value: format } };
  const inside = 'text.format.';
  return {
    type: 'json_schema',
    name: requireField(format, 'name', 'string', inside),
    description: readField(format, 'description', 'string', inside),
    schema: readField(format, 'schema', 'object', inside),
    strict: readField(format, 'strict', 'boolean', inside),
  };
}

/** What asks for more than is done here anyway. */
function readExtra(
  body: JsonObject,
  { text, reasoning, include }: { text: JsonObject; reasoning: JsonObject; include: readonly unknown[] },
): Extra | undefined {
  const fields: Record<string, unknown> = { ...takeExtra(WIRE, body, TAKEN)?.fields };
  const { store, truncation, user, safety_identifier: identifier } = body;
  const options = readField(body, 'stream_options', 'object') ?? {};
  const more = include.filter((name) => name !== ALWAYS_INCLUDED && name !== LOGPROBS);
  const moreText = takeExtra(WIRE, text, TEXT_FIELDS)?.fields;
  const moreReasoning = takeExtra(WIRE, reasoning, REASONING_FIELDS)?.fields;
  if (store === true) fields.store = store;
  if (typeof truncation === 'string' && truncation !== 'disabled') fields.truncation = truncation;
  if (typeof user === 'string' && typeof identifier === 'string' && user !== identifier)
    fields.safety_identifier = identifier;
  if (Object.values(options).some((value) => value !== false && value !== null))
    fields.stream_options = options;
  if (more.length > 0) fields.include = more;
  if (moreText) fields.text = moreText;
  if (moreReasoning) fields.reasoning = moreReasoning;
  return Object.keys(fields).length === 0 ? undefined : { wire: WIRE, fields };
}
