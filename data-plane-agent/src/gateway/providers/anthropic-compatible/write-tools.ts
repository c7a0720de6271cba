import { writeCacheControl } from '../../chat/cache-hint.ts';
import type { ChatMessage, ChatRequest, ChatTool, FunctionTool } from '../../chat/chat-request.ts';
import { asFunctionTool } from '../../chat/custom-tools.ts';
import type { DroppedFields } from '../../chat/dropped-fields.ts';
import { isObject, type JsonObject } from '../../chat/wire.ts';
import { chosenTool } from '../tool-names.ts';
import type { ClaudeTraits } from './claude-models.ts';
import { compileSchema, isRecursive } from './compile-schema.ts';
import { inputSchema } from './input-schema.ts';
import type { ToolNames } from './tool-names.ts';

const ANYTHING = { type: 'object', properties: {} } as const;

/**
 * Writes `tools` and `tool_choice`. A history with calls and no list of tools is refused by the API, so that the tools in it
 * are declared as taking anything.
 */
export function writeTools(
  request: ChatRequest,
  traits: ClaudeTraits,
  dropped: DroppedFields,
  names: ToolNames,
): JsonObject {
  const context = { traits, dropped, names };
  const declared = request.tools.flatMap((tool, index) => writeTool(tool, `tools[${index}]`, context));
  const tools = declared.length > 0 ? declared : toolsOfHistory(request.messages, names);
  if (tools.length === 0) {
    if (request.toolChoice && request.toolChoice.type !== 'none' && request.toolChoice.type !== 'auto')
      dropped.add('tool_choice');
    return {};
  }
  const choice = writeToolChoice(request, context, declared.length === 0);
  return { tools, ...(choice && { tool_choice: choice }) };
}

interface ToolContext {
  readonly traits: ClaudeTraits;
  readonly dropped: DroppedFields;
  readonly names: ToolNames;
}

function writeTool(tool: ChatTool, path: string, context: ToolContext): JsonObject[] {
  const { dropped } = context;
  if (tool.type === 'other') {
    const original = dropped.keepOriginal(tool.original, path);
    return isObject(original) ? [original] : [];
  }
  if (tool.type === 'custom' && tool.format !== undefined) dropped.add(`${path}.format`);
  return [writeFunction(tool.type === 'custom' ? asFunctionTool(tool) : tool, path, context)];
}

function writeFunction(
  tool: FunctionTool,
  path: string,
  { traits, dropped, names }: ToolContext,
): JsonObject {
  const strict = tool.strict === true && traits.structuredOutput && !isRecursive(tool.parameters ?? ANYTHING);
  if (tool.strict === true && !strict) dropped.add(`${path}.strict`);
  return {
    name: names.name(tool),
    ...(tool.description !== undefined && { description: tool.description }),
    input_schema:
      tool.parameters === undefined ? ANYTHING : writeSchema(tool.parameters, strict, path, dropped),
    ...(strict && { strict }),
    ...(tool.cache && { cache_control: writeCacheControl(tool.cache) }),
    ...dropped.keepExtra(tool.extra, path),
  };
}

/** Arguments that are promised to fit have a schema of the same subset as promised answers. */
function writeSchema(
  parameters: JsonObject,
  strict: boolean,
  path: string,
  dropped: DroppedFields,
): JsonObject {
  const at = `${path}.parameters`;
  const schema = inputSchema(parameters, at, dropped);
  return strict ? compileSchema(schema, at, dropped) : schema;
}

function toolsOfHistory(messages: readonly ChatMessage[], names: ToolNames): JsonObject[] {
  const found = new Set<string>();
  for (const message of messages) {
    if (message.role !== 'assistant') continue;
    for (const part of message.content) if (part.type === 'tool_call') found.add(names.name(part));
  }
  return [...found].map((name) => ({ name, input_schema: ANYTHING }));
}

function writeToolChoice(
  request: ChatRequest,
  { traits, dropped, names }: ToolContext,
  ofHistory: boolean,
): JsonObject | undefined {
  const { toolChoice: choice, parallelToolCalls } = request;
  // The client declared no tools, so that none may be called.
  if (ofHistory) return { type: 'none' };
  const single = parallelToolCalls === false ? { disable_parallel_tool_use: true } : {};
  const unasked = parallelToolCalls === false ? { type: 'auto', ...single } : undefined;
  switch (choice?.type) {
    case undefined:
      return unasked;
    case 'auto':
      return { type: 'auto', ...single };
    case 'none':
      return { type: 'none' };
    case 'required':
      if (traits.forcedTools) return { type: 'any', ...single };
      dropped.add('tool_choice');
      return unasked;
    case 'function':
    case 'custom':
      if (!traits.forcedTools) {
        dropped.add('tool_choice');
        return unasked;
      }
      return { type: 'tool', name: names.name(chosenTool(choice.name, request.tools)), ...single };
    case 'other': {
      const original = dropped.keepOriginal(choice.original, 'tool_choice');
      return isObject(original) ? original : undefined;
    }
  }
}
