import type { ChatTool, CustomTool, FunctionTool, ToolChoice } from '../../../chat/chat-request.ts';
import { asFunctionTool } from '../../../chat/custom-tools.ts';
import type { DroppedFields } from '../../../chat/dropped-fields.ts';
import { isObject, type JsonObject } from '../../../chat/wire.ts';
import { functionParameters } from '../function-parameters.ts';
import { promisedStrictness } from '../promised-strictness.ts';
import { wireToolName } from '../tool-names.ts';
import type { ResponsesServer } from './responses-wire.ts';

/** The tools in their order; those of one group stand together where its first one stood. */
export function writeTools(
  tools: readonly ChatTool[],
  dropped: DroppedFields,
  server: ResponsesServer,
): readonly unknown[] {
  const written: unknown[] = [];
  const groups = new Map<string, unknown[]>();
  for (const [index, tool] of tools.entries()) {
    const path = `tools[${index}]`;
    if (tool.type === 'other') {
      const original = dropped.keepOriginal(tool.original, path);
      if (original !== undefined) written.push(original);
      continue;
    }
    const { namespace } = tool;
    const group = namespace === undefined ? written : groups.get(namespace);
    const one = writeTool(tool, path, dropped, server);
    if (group) group.push(one);
    else if (namespace !== undefined) {
      const made = [one];
      groups.set(namespace, made);
      // What is said of the group stands with its first tool; the API wants some words here too.
      written.push({ type: 'namespace', name: namespace, description: namespace, tools: made });
    }
  }
  return written;
}

function writeTool(
  given: FunctionTool | CustomTool,
  path: string,
  dropped: DroppedFields,
  server: ResponsesServer,
): JsonObject {
  const name = wireToolName({ name: given.name });
  const described = given.description === undefined ? {} : { description: given.description };
  const extra = dropped.keepExtra(given.extra, path);
  if (given.type === 'custom' && server.customTools) {
    const format = given.format === undefined ? {} : { format: writeFormat(given.format) };
    return { type: 'custom', name, ...described, ...format, ...extra };
  }
  if (given.type === 'custom' && given.format !== undefined) dropped.add(`${path}.format`);
  const tool = given.type === 'custom' ? asFunctionTool(given) : given;
  if (tool.cache) dropped.add(`${path}.cache_control`);
  const strict = !server.lacks.has('tools.strict');
  if (!strict && tool.strict !== undefined) dropped.add(`${path}.strict`);
  return {
    type: 'function',
    name,
    ...described,
    parameters: functionParameters(tool.parameters ?? {}),
    // Where a request does not say, this API tries to be strict, and others do not.
    ...(strict && {
      strict: promisedStrictness(tool, tool.parameters, `${path}.strict`, dropped) ?? false,
    }),
    ...extra,
  };
}

/** A grammar: OpenAI's chat wraps what stands at the top here. */
function writeFormat(format: JsonObject): JsonObject {
  const { type, grammar, ...rest } = format;
  return type === 'grammar' && isObject(grammar) ? { type, ...grammar, ...rest } : format;
}

/** `tool_choice`; nothing where the wire or the server cannot express it, which is then noted. */
export function writeToolChoice(
  choice: ToolChoice,
  dropped: DroppedFields,
  server: ResponsesServer,
): JsonObject {
  switch (choice.type) {
    case 'custom':
    case 'function': {
      const type = choice.type === 'custom' && server.customTools ? 'custom' : 'function';
      return { tool_choice: { type, name: wireToolName({ name: choice.name }) } };
    }
    case 'other': {
      const allowed = choice.original.wire === 'openai-chat' ? readAllowed(choice.original.value) : undefined;
      const value = allowed ?? dropped.keepOriginal(choice.original, 'tool_choice');
      return value === undefined ? {} : { tool_choice: value };
    }
    case 'required':
      if (!server.lacks.has('tool_choice.required')) return { tool_choice: 'required' };
      dropped.add('tool_choice');
      return {};
    default:
      return { tool_choice: choice.type };
  }
}

/** `allowed_tools` of OpenAI's chat, which says the same with one more level. */
function readAllowed(value: unknown): JsonObject | undefined {
  const allowed = isObject(value) && value.type === 'allowed_tools' ? value.allowed_tools : undefined;
  if (!isObject(allowed) || !Array.isArray(allowed.tools)) return undefined;
  const tools = allowed.tools.map((tool: unknown) => {
    if (!isObject(tool) || typeof tool.type !== 'string') return tool;
    const named = tool[tool.type];
    return isObject(named) && typeof named.name === 'string'
      ? { type: tool.type, name: wireToolName({ name: named.name }) }
      : tool;
  });
  return { type: 'allowed_tools', mode: allowed.mode, tools };
}
