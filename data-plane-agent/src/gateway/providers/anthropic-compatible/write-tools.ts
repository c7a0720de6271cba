import { writeCacheControl } from '../../chat/cache-hint.ts';
import type { ChatMessage, ChatRequest, ChatTool, FunctionTool } from '../../chat/chat-request.ts';
import { asFunctionTool } from '../../chat/custom-tools.ts';
import type { DroppedFields } from '../../chat/dropped-fields.ts';
import { isObject, type JsonObject } from '../../chat/wire.ts';
import type { ToolNames } from './tool-names.ts';

const ANYTHING = { type: 'object', properties: {} } as const;

/**
 * Writes `tools` and `tool_choice`. A history with calls and no list of tools is refused by the API, so that the tools in it
 * are declared as taking anything.
 */
export function writeTools(request: ChatRequest, dropped: DroppedFields, names: ToolNames): JsonObject {
  const declared = request.tools.flatMap((tool, index) => writeTool(tool, `tools[${index}]`, dropped, names));
  const tools = declared.length > 0 ? declared : toolsOfHistory(request.messages, names);
  if (tools.length === 0) {
    if (request.toolChoice && request.toolChoice.type !== 'none' && request.toolChoice.type !== 'auto')
      dropped.add('tool_choice');
    return {};
  }
  const choice = writeToolChoice(request, dropped, names, declared.length === 0);
  return { tools, ...(choice && { tool_choice: choice }) };
}

function writeTool(tool: ChatTool, path: string, dropped: DroppedFields, names: ToolNames): JsonObject[] {
  if (tool.type === 'other') {
    const original = dropped.keepOriginal(tool.original, path);
    return isObject(original) ? [original] : [];
  }
  if (tool.type === 'custom' && tool.format !== undefined) dropped.add(`${path}.format`);
  return [writeFunction(tool.type === 'custom' ? asFunctionTool(tool) : tool, path, dropped, names)];
}

function writeFunction(
  tool: FunctionTool,
  path: string,
  dropped: DroppedFields,
  names: ToolNames,
): JsonObject {
  return {
    name: names.name(tool),
    ...(tool.description !== undefined && { description: tool.description }),
    // The API wants an object's schema; one without a type takes anything.
    input_schema: tool.parameters === undefined ? ANYTHING : { type: 'object', ...tool.parameters },
    ...(tool.strict === true && { strict: true }),
    ...dropped.keepExtra(tool.extra, path),
    ...(tool.cache && { cache_control: writeCacheControl(tool.cache) }),
  };
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
  dropped: DroppedFields,
  names: ToolNames,
  ofHistory: boolean,
): JsonObject | undefined {
  const { toolChoice: choice, parallelToolCalls } = request;
  // The client declared no tools, so that none may be called.
  if (ofHistory) return { type: 'none' };
  const single = parallelToolCalls === false ? { disable_parallel_tool_use: true } : {};
  switch (choice?.type) {
    case undefined:
      return parallelToolCalls === false ? { type: 'auto', ...single } : undefined;
    case 'auto':
      return { type: 'auto', ...single };
    case 'none':
      return { type: 'none' };
    case 'required':
      return { type: 'any', ...single };
    case 'function':
    case 'custom':
      return { type: 'tool', name: names.name(choice), ...single };
    case 'other': {
      const original = dropped.keepOriginal(choice.original, 'tool_choice');
      return isObject(original) ? original : undefined;
    }
  }
}
