import { isRecord, type JsonObject } from '../json-value.ts';
import { mediaOfUrl, type Prompt, type PromptTool, type ToolChoice, type Turn } from '../model/prompt.ts';
import type { StateSigner } from '../model/state-signer.ts';
import { OpenAiError } from './openai-error.ts';

/** Reads a Responses request; `earlier` are the items of the response that it goes on from. Throws `OpenAiError`. */
export function readResponsesPrompt(
  body: JsonObject,
  earlier: readonly unknown[],
  signer: StateSigner,
): Prompt {
  const items = [...earlier, ...inputItems(body.input)];
  checkCalls(items);
  const turns = items.flatMap((item): Turn[] => readItem(item, signer));
  if (typeof body.instructions === 'string')
    turns.unshift({ role: 'system', texts: [body.instructions], media: [] });
  const format = isRecord(body.text) ? body.text.format : undefined;
  const { reasoning } = body;
  return {
    turns,
    tools: readTools([...listOf(body.tools), ...items.flatMap(additionalTools)]),
    toolChoice: readToolChoice(body.tool_choice),
    limit: typeof body.max_output_tokens === 'number' ? body.max_output_tokens : undefined,
    json: readJson(format),
    thinks: isRecord(reasoning) && reasoning.effort !== 'none' && reasoning.effort !== 'minimal',
  };
}

/** The items of `input`; a string is one user message. */
export function inputItems(input: unknown): unknown[] {
  if (typeof input === 'string') return [{ type: 'message', role: 'user', content: input }];
  if (Array.isArray(input)) return input;
  throw new OpenAiError(400, "Missing required parameter: 'input'.", { param: 'input' });
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function additionalTools(item: unknown): unknown[] {
  return isRecord(item) && item.type === 'additional_tools' ? listOf(item.tools) : [];
}

function checkCalls(items: readonly unknown[]): void {
  const open = new Set<unknown>();
  for (const [index, item] of items.entries()) {
    if (!isRecord(item)) continue;
    const type = String(item.type);
    if (type === 'function_call' || type === 'custom_tool_call') open.add(item.call_id);
    if (type === 'function_call_output' || type === 'custom_tool_call_output') {
      if (open.delete(item.call_id)) continue;
      const text = `No tool call found for function call output with call_id ${item.call_id}.`;
      throw new OpenAiError(400, text, { param: `input[${index}]` });
    }
  }
  const [missing] = open;
  if (missing !== undefined)
    throw new OpenAiError(400, `No tool output found for function call ${missing}.`, { param: 'input' });
}

function readItem(item: unknown, signer: StateSigner): Turn[] {
  if (!isRecord(item)) return [];
  switch (item.type ?? 'message') {
    case 'message': {
      const role = item.role === 'developer' || item.role === 'system' ? 'system' : item.role;
      return [readContent(role === 'assistant' || role === 'system' ? role : 'user', item.content)];
    }
    case 'function_call_output':
    case 'custom_tool_call_output':
      return [readContent('tool', item.output)];
    case 'function_call':
    case 'custom_tool_call':
      return [{ role: 'assistant', texts: [], media: [] }];
    case 'reasoning': {
      const { encrypted_content: sealed } = item;
      if (sealed === undefined || sealed === null || signer.open(sealed) !== undefined) return [];
      const text = `The encrypted content for item ${item.id} could not be verified. Reason: Encrypted content could not be decrypted or parsed.`;
      throw new OpenAiError(400, text, { code: 'invalid_encrypted_content' });
    }
    default:
      return [];
  }
}

function readContent(role: Turn['role'], content: unknown): Turn {
  const turn: Turn = { role, texts: [], media: [] };
  if (typeof content === 'string') turn.texts.push(content);
  for (const part of listOf(content)) {
    if (!isRecord(part)) continue;
    if (typeof part.text === 'string') turn.texts.push(part.text);
    else
      turn.media.push(mediaOfUrl(String(part.image_url ?? part.file_data ?? part.file_url ?? part.file_id)));
  }
  return turn;
}

function readTools(tools: readonly unknown[]): PromptTool[] {
  return tools.flatMap((tool): PromptTool[] => {
    if (!isRecord(tool)) return [];
    if (tool.type === 'function') return [{ name: String(tool.name), schema: tool.parameters }];
    if (tool.type === 'custom') return [{ name: String(tool.name), schema: undefined, custom: true }];
    return tool.type === 'namespace' ? readTools(listOf(tool.tools)) : [];
  });
}

function readToolChoice(choice: unknown): ToolChoice {
  if (choice === 'none' || choice === 'required') return choice;
  return isRecord(choice) && typeof choice.name === 'string' ? { name: choice.name } : 'auto';
}

function readJson(format: unknown): Prompt['json'] {
  if (!isRecord(format)) return undefined;
  if (format.type === 'json_object') return {};
  return format.type === 'json_schema' ? { schema: format.schema ?? {} } : undefined;
}
