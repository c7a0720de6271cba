import { isRecord, type JsonObject } from '../json-value.ts';
import {
  mediaOfBase64,
  mediaOfUrl,
  type Prompt,
  type PromptMedia,
  type PromptTool,
  type ToolChoice,
  type Turn,
} from '../model/prompt.ts';
import { OpenAiError } from './openai-error.ts';
import { readGenerationRequest } from './read-generation-request.ts';

/** Reads a chat request, https://platform.openai.com/docs/api-reference/chat. Throws `OpenAiError`. */
export function readChatPrompt(body: JsonObject): Prompt {
  const { messages } = body;
  if (!Array.isArray(messages) || messages.length === 0) {
    throw new OpenAiError(400, "'messages' must be an array of one message or more.", { param: 'messages' });
  }
  checkToolResults(messages);
  const { limit, choices } = readGenerationRequest(body);
  const effort = body.reasoning_effort;
  return {
    turns: messages.map(readTurn),
    tools: readTools(body.tools),
    toolChoice: readToolChoice(body.tool_choice),
    limit,
    choices,
    stops: [body.stop].flat().filter((stop) => typeof stop === 'string'),
    json: readJson(body.response_format),
    thinks: typeof effort === 'string' && effort !== 'none' && effort !== 'minimal',
  };
}

function readTurn(message: unknown): Turn {
  if (!isRecord(message)) return { role: 'user', texts: [], media: [] };
  const { content } = message;
  const turn: Turn = { role: roles[String(message.role)] ?? 'assistant', texts: [], media: [] };
  if (typeof content === 'string') turn.texts.push(content);
  for (const part of Array.isArray(content) ? content : []) {
    if (isRecord(part) && typeof part.text === 'string') turn.texts.push(part.text);
    else turn.media.push(readMedium(part));
  }
  return turn;
}

const roles: Record<string, Turn['role']> = {
  system: 'system',
  developer: 'system',
  user: 'user',
  assistant: 'assistant',
  tool: 'tool',
  function: 'tool',
};

function readMedium(part: unknown): PromptMedia {
  if (!isRecord(part)) return { mediaType: '', bytes: 0 };
  const { image_url, input_audio, file } = part;
  if (isRecord(image_url)) return mediaOfUrl(String(image_url.url));
  if (isRecord(input_audio)) return mediaOfBase64(`audio/${input_audio.format}`, input_audio.data);
  if (isRecord(file)) return mediaOfUrl(String(file.file_data ?? file.file_id));
  return { mediaType: String(part.type), bytes: 0 };
}

/** OpenAI refuses a tool message that answers no call, and calls that are not all answered. */
function checkToolResults(messages: readonly unknown[]): void {
  const open = new Set<unknown>();
  for (const [index, message] of messages.entries()) {
    if (!isRecord(message)) continue;
    if (message.role === 'tool') {
      if (!open.delete(message.tool_call_id)) throwIfStrict(messages, index);
      continue;
    }
    if (open.size > 0) {
      const missing = [...open].join(', ');
      const text = `An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: ${missing}`;
      throw new OpenAiError(400, text, { param: `messages.[${index}].role` });
    }
    for (const call of Array.isArray(message.tool_calls) ? message.tool_calls : [])
      if (isRecord(call)) open.add(call.id);
  }
}

function throwIfStrict(messages: readonly unknown[], index: number): void {
  const hasCalls = messages.some((message) => isRecord(message) && Array.isArray(message.tool_calls));
  // A lone tool message is let through: many tests send one without its call.
  if (!hasCalls) return;
  const text =
    "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.";
  throw new OpenAiError(400, text, { param: `messages.[${index}].role` });
}

function readTools(tools: unknown): PromptTool[] {
  if (!Array.isArray(tools)) return [];
  return tools.flatMap((tool): PromptTool[] => {
    if (!isRecord(tool)) return [];
    const { function: definition, custom } = tool;
    if (isRecord(definition) && typeof definition.name === 'string')
      return [{ name: definition.name, schema: definition.parameters }];
    if (isRecord(custom)) return [{ name: String(custom.name), schema: undefined, custom: true }];
    return [];
  });
}

function readToolChoice(choice: unknown): ToolChoice {
  if (choice === 'none' || choice === 'required') return choice;
  if (isRecord(choice)) {
    const named = choice.function ?? choice.custom;
    if (isRecord(named)) return { name: String(named.name) };
  }
  return 'auto';
}

function readJson(format: unknown): Prompt['json'] {
  if (!isRecord(format)) return undefined;
  if (format.type === 'json_object') return {};
  if (format.type !== 'json_schema' || !isRecord(format.json_schema)) return undefined;
  return { schema: format.json_schema.schema ?? {} };
}
