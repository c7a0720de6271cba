import type { ChatRequest, ChatTool, ToolChoice } from '../../chat/chat-request.ts';
import { asFunctionTool } from '../../chat/custom-tools.ts';
import type { DroppedFields } from '../../chat/dropped-fields.ts';
import type { JsonObject } from '../../chat/wire.ts';
import { chosenTool } from '../tool-names.ts';
import { isSince25 } from './gemini-host.ts';
import { writeToolName } from './tool-names.ts';
import { type WrittenSchema, writeSchema } from './write-schema.ts';

/** Writes `tools` and `toolConfig`. Functions share one entry; Google's own tools have one each. */
export function writeTools(request: ChatRequest, model: string, dropped: DroppedFields): JsonObject {
  const functions: JsonObject[] = [];
  const others: unknown[] = [];
  request.tools.forEach((tool, index) => {
    const path = `tools[${index}]`;
    if (tool.type === 'other') {
      const original = dropped.keepOriginal(tool.original, path);
      if (original !== undefined) others.push(original);
    } else functions.push(writeFunction(tool, path, model, dropped));
  });
  if (request.parallelToolCalls === false && functions.length > 0) dropped.add('parallel_tool_calls');
  const tools = functions.length > 0 ? [{ functionDeclarations: functions }, ...others] : others;
  const validated = isSince25(model) && request.tools.some((tool) => tool.type === 'function' && tool.strict);
  const choice = request.toolChoice ?? (validated ? AUTO : undefined);
  return {
    ...(tools.length > 0 && { tools }),
    ...(choice && writeChoice(choice, request.tools, functions.length > 0, validated, dropped)),
  };
}

/** Whether the model has to call a tool. */
export function isForced({ type }: ToolChoice): boolean {
  return type === 'required' || type === 'function' || type === 'custom';
}

function writeFunction(
  given: Exclude<ChatTool, { type: 'other' }>,
  path: string,
  model: string,
  dropped: DroppedFields,
): JsonObject {
  if (given.type === 'custom' && given.format !== undefined && given.format.type !== 'text') {
    dropped.add(`${path}.format`);
  }
  const tool = given.type === 'custom' ? asFunctionTool(given) : given;
  if (tool.strict === true && !isSince25(model)) dropped.add(`${path}.strict`);
  if (tool.cache) dropped.add(`${path}.cache_control`);
  const schema =
    tool.parameters && writeSchema(tool.parameters, `${path}.parameters`, FOR_CALLS, model, dropped);
  return {
    name: writeToolName(tool),
    ...(tool.description !== undefined && { description: tool.description }),
    ...(schema && writeParameters(schema)),
    ...dropped.keepExtra(tool.extra, path),
  };
}

/** Of an object, and nothing else; one without members is refused, while a function without parameters is not. */
function writeParameters({ member, written }: WrittenSchema): JsonObject {
  if (member === 'jsonSchema') return { parametersJsonSchema: { type: 'object', ...written } };
  const { type, properties, anyOf } = written;
  const isEmpty = properties === undefined && anyOf === undefined && (type ?? 'OBJECT') === 'OBJECT';
  return isEmpty ? {} : { parameters: written };
}

const AUTO: ToolChoice = { type: 'auto' };
const FOR_CALLS = { forAnswer: false };
const MODES = { auto: 'AUTO', none: 'NONE', required: 'ANY' } as const;

function writeChoice(
  choice: ToolChoice,
  tools: readonly ChatTool[],
  functions: boolean,
  validated: boolean,
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
      : // A forced call keeps to its schema anyway.
        { mode: validated && choice.type === 'auto' ? 'VALIDATED' : MODES[choice.type] };
  return { toolConfig: { functionCallingConfig } };
}
