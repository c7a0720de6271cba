import { isRecord, type JsonObject } from '../json-value.ts';
import { OpenAiError } from './openai-error.ts';

/** Members of OpenAI's chat that the Responses API refuses by name. */
const unknownMembers = [
  'messages',
  'max_tokens',
  'max_completion_tokens',
  'n',
  'stop',
  'seed',
  'logit_bias',
  'logprobs',
  'frequency_penalty',
  'presence_penalty',
  'response_format',
  'reasoning_effort',
  'modalities',
  'top_k',
];
const leastOutputTokens = 16;
/** What may stand in the content of a message. */
const contentTypes = {
  user: ['input_text', 'input_image', 'input_file', 'input_audio'],
  assistant: ['output_text', 'refusal'],
};

/**
 * Refuses what the real API refuses in the shape of a request.
 *
 * @param isKept whether an item's id is one of a stored response
 * @throws OpenAiError
 */
export function checkResponsesRequest(
  body: JsonObject,
  items: readonly unknown[],
  isKept: (id: unknown) => boolean,
): void {
  for (const name of unknownMembers) {
    if (body[name] === undefined) continue;
    throw new OpenAiError(400, `Unknown parameter: '${name}'.`, { code: 'unknown_parameter', param: name });
  }
  const { max_output_tokens: limit } = body;
  if (typeof limit === 'number' && limit < leastOutputTokens) {
    const text = `Invalid 'max_output_tokens': integer below minimum value. Expected a value >= ${leastOutputTokens}, but got ${limit} instead.`;
    throw new OpenAiError(400, text, { code: 'integer_below_min_value', param: 'max_output_tokens' });
  }
  const tools = Array.isArray(body.tools) ? body.tools : [];
  for (const [index, tool] of tools.entries()) {
    if (!isRecord(tool) || (tool.type !== 'function' && tool.type !== 'custom')) continue;
    if (typeof tool.name !== 'string') throw missing(`tools[${index}].name`);
  }
  for (const [index, item] of items.entries()) {
    if (!isRecord(item)) continue;
    if (item.type === 'reasoning') checkReasoning(item, isKept);
    else if (item.type === 'function_call' && typeof item.arguments !== 'string')
      throw missing(`input[${index}].arguments`);
    else if (item.type === undefined || item.type === 'message') checkContent(item, `input[${index}]`);
  }
}

function missing(param: string): OpenAiError {
  return new OpenAiError(400, `Missing required parameter: '${param}'.`, {
    code: 'missing_required_parameter',
    param,
  });
}

/** Without its encrypted form, a thought is only known where it was stored. */
function checkReasoning(item: JsonObject, isKept: (id: unknown) => boolean): void {
  if (typeof item.encrypted_content === 'string' || isKept(item.id)) return;
  const text = `Item with id '${item.id}' not found. Items are not persisted when \`store\` is set to false. Try again with \`store\` set to true, or remove this item from your input.`;
  throw new OpenAiError(404, text, { param: 'input' });
}

function checkContent({ role, content }: JsonObject, path: string): void {
  const allowed = role === 'assistant' ? contentTypes.assistant : contentTypes.user;
  const parts = Array.isArray(content) ? content : [];
  for (const [index, part] of parts.entries()) {
    const type = isRecord(part) ? part.type : undefined;
    const param = `${path}.content[${index}]`;
    if (allowed.some((one) => one === type)) {
      if (isRecord(part)) checkFile(part, param);
      continue;
    }
    const values = allowed.map((one) => `'${one}'`).join(', ');
    const text = `Invalid value: '${type}'. Supported values are: ${values}.`;
    throw new OpenAiError(400, text, { code: 'invalid_value', param });
  }
}

/** Bytes have a name; what is found by its address or its id has none. */
function checkFile(part: JsonObject, param: string): void {
  if (part.filename === undefined || (part.file_url === undefined && part.file_id === undefined)) return;
  const text = `Mutually exclusive parameters: '${param}'. Ensure you are only providing one of: 'file_id' or 'filename'.`;
  throw new OpenAiError(400, text, { code: 'mutually_exclusive_parameters', param });
}
