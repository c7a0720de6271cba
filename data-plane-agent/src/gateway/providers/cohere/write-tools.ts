import type { ChatRequest, ChatTool } from '../../chat/chat-request.ts';
import { asFunctionTool } from '../../chat/custom-tools.ts';
import type { DroppedFields } from '../../chat/dropped-fields.ts';
import type { JsonObject } from '../../chat/wire.ts';
import { wireToolName } from './tool-names.ts';

/** Writes `tools`, `strict_tools` and `tool_choice`. Strictness is one switch for all tools here. */
export function writeTools(request: ChatRequest, dropped: DroppedFields): JsonObject {
  const only = onlyTool(request);
  const functions = request.tools.filter((tool) => tool.type === 'function' && isOffered(tool, only));
  const strict = functions.length > 0 && functions.every((tool) => tool.type === 'function' && tool.strict);
  const written = request.tools.flatMap((tool, index) => {
    if (!isOffered(tool, only)) return [];
    const path = `tools[${index}]`;
    if (tool.type === 'function' && tool.strict && !strict) dropped.add(`${path}.strict`);
    const one = writeTool(tool, path, dropped);
    return one === undefined ? [] : [one];
  });
  if (request.parallelToolCalls === false) dropped.add('parallel_tool_calls');
  return {
    ...(written.length > 0 && { tools: written }),
    ...(strict && { strict_tools: true }),
    ...writeChoice(request, written.length, dropped),
  };
}

function writeTool(given: ChatTool, path: string, dropped: DroppedFields): unknown {
  if (given.type === 'other') return dropped.keepOriginal(given.original, path);
  if (given.type === 'custom' && given.format !== undefined) dropped.add(`${path}.format`);
  const tool = given.type === 'custom' ? asFunctionTool(given) : given;
  if (tool.cache) dropped.add(`${path}.cache_control`);
  return {
    type: 'function',
    function: {
      name: wireToolName(tool),
      ...(tool.description !== undefined && { description: tool.description }),
      parameters: tool.parameters ?? { type: 'object', properties: {} },
      ...dropped.keepExtra(tool.extra, path),
    },
  };
}

/** The tool that has to be called: the others cannot be, so that they need not be offered. */
function onlyTool({ toolChoice, tools }: ChatRequest): ChatTool | undefined {
  if (toolChoice?.type !== 'function' && toolChoice?.type !== 'custom') return undefined;
  return tools.find((tool) => tool.type !== 'other' && tool.name === toolChoice.name);
}

function isOffered(tool: ChatTool, only: ChatTool | undefined): boolean {
  return only === undefined || tool === only;
}

/** There is no word for one tool by name; where it is the only one, that a tool is called says the same. */
function writeChoice({ toolChoice }: ChatRequest, count: number, dropped: DroppedFields): JsonObject {
  switch (toolChoice?.type) {
    case undefined:
    case 'auto':
      return {};
    case 'none':
      return count > 0 ? { tool_choice: 'NONE' } : {};
    case 'required':
      if (count > 0) return { tool_choice: 'REQUIRED' };
      dropped.add('tool_choice');
      return {};
    case 'other': {
      const original = dropped.keepOriginal(toolChoice.original, 'tool_choice');
      return original === undefined ? {} : { tool_choice: original };
    }
    default:
      if (count !== 1) dropped.add('tool_choice');
      return count > 0 ? { tool_choice: 'REQUIRED' } : {};
  }
}
