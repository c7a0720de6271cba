import type { ChatRequest, ChatTool, ToolChoice } from '../../chat/chat-request.ts';
import { asFunctionTool } from '../../chat/custom-tools.ts';
import type { DroppedFields } from '../../chat/dropped-fields.ts';
import type { JsonObject } from '../../chat/wire.ts';
import { chosenTool } from '../tool-names.ts';
import { compileSchema } from './compile-schema.ts';
import { writeToolName } from './tool-names.ts';

/** Writes `tools` and `toolConfig`. Functions share one entry; Google's own tools have one each. */
export function writeTools(request: ChatRequest, dropped: DroppedFields): JsonObject {
  const functions: JsonObject[] = [];
  const others: unknown[] = [];
  request.tools.forEach((tool, index) => {
    const path = `tools[${index}]`;
    if (tool.type === 'other') {
      const original = dropped.keepOriginal(tool.original, path);
      if (original !== undefined) others.push(original);
    } else functions.push(writeFunction(tool, path, dropped));
  });
  if (request.parallelToolCalls === false && functions.length > 0) dropped.add('parallel_tool_calls');
  const tools = functions.length > 0 ? [{ functionDeclarations: functions }, ...others] : others;
  return {
    ...(tools.length > 0 && { tools }),
    ...(request.toolChoice && writeChoice(request.toolChoice, request.tools, functions.length > 0, dropped)),
  };
}

function writeFunction(
  given: Exclude<ChatTool, { type: 'other' }>,
  path: string,
  dropped: DroppedFields,
): JsonObject {
  if (given.type === 'custom' && given.format !== undefined && given.format.type !== 'text') {
    dropped.add(`${path}.format`);
  }
  const tool = given.type === 'custom' ? asFunctionTool(given) : given;
  if (tool.strict === true) dropped.add(`${path}.strict`);
  if (tool.cache) dropped.add(`${path}.cache_control`);
  const parameters = tool.parameters && compileSchema(tool.parameters, `${path}.parameters`, dropped);
  // An object without members is refused; a function without parameters is not.
  const empty = parameters?.type === 'OBJECT' && parameters.properties === undefined;
  return {
    name: writeToolName(tool),
    ...(tool.description !== undefined && { description: tool.description }),
    ...(parameters && !empty && { parameters }),
    ...dropped.keepExtra(tool.extra, path),
  };
}

const MODES = { auto: 'AUTO', none: 'NONE', required: 'ANY' } as const;

function writeChoice(
  choice: ToolChoice,
  tools: readonly ChatTool[],
  functions: boolean,
  dropped: DroppedFields,
): JsonObject {
  if (choice.type === 'other') {
    const original = dropped.keepOriginal(choice.original, 'tool_choice');
    return original === undefined ? {} : { toolConfig: original };
  }
  // There is nothing to choose from; a configuration without functions is refused.
  if (!functions) return {};
  const functionCallingConfig =
    choice.type === 'function' || choice.type === 'custom'
      ? { mode: 'ANY', allowedFunctionNames: [writeToolName(chosenTool(choice.name, tools))] }
      : { mode: MODES[choice.type] };
  return { toolConfig: { functionCallingConfig } };
}
