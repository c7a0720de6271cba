import type { ChatMessage, ChatRequest, ChatTool, ToolChoice } from '../../../chat/chat-request.ts';
import { asFunctionTool } from '../../../chat/custom-tools.ts';
import { isObject, type JsonObject } from '../../../chat/wire.ts';
import { compileSchema, isRecursive } from '../../anthropic-compatible/compile-schema.ts';
import { inputSchema } from '../../anthropic-compatible/input-schema.ts';
import { structuredSchema } from './structured-schema.ts';
import { wireToolName } from './tool-names.ts';
import { type WriteContext, writeCachePoint } from './write-blocks.ts';

/** What a tool without parameters takes, and one that is known from the history alone. */
const NO_PARAMETERS = { type: 'object', properties: {} };

/** What is said of tools: Converse's own, and Claude's in its place where Converse has no words for it. */
export interface WrittenTools {
  readonly toolConfig: JsonObject | undefined;
  readonly toolChoice?: JsonObject | undefined;
}

/**
 * Writes `toolConfig`; undefined when no tools are needed.
 *
 * - Bedrock refuses a history with calls when there is no list of tools: one is made up from the history then.
 * - There is no `none`: without calls in the history the tools are left out, which comes to the same; with calls they have
 *   to stay, and the choice is noted.
 * - That one tool is called at a time can be said to Claude alone, in its own words; Converse then must not say the choice.
 */
export function writeToolConfig(request: ChatRequest, context: WriteContext): WrittenTools {
  const { dropped } = context;
  const known = historyTools(request.messages);
  const forbidden = request.toolChoice?.type === 'none';
  if (forbidden && known.length === 0) return { toolConfig: undefined };
  const tools: JsonObject[] = [];
  request.tools.forEach((tool, index) => {
    writeTool(tool, `tools[${index}]`, context, tools);
  });
  if (tools.length === 0) for (const name of known) tools.push(toolSpec(name, undefined, NO_PARAMETERS));
  if (tools.length === 0) {
    if (request.toolChoice && request.toolChoice.type !== 'auto') dropped.add('tool_choice');
    return { toolConfig: undefined };
  }
  const choice = request.toolChoice && writeToolChoice(request.toolChoice, request.tools, context);
  if (request.parallelToolCalls === false) {
    const single = context.claude?.singleCallsInConverse && singleCall(choice);
    if (single) return { toolConfig: { tools }, toolChoice: single };
    dropped.add('parallel_tool_calls');
  }
  return { toolConfig: { tools, ...(choice && { toolChoice: choice }) } };
}

/** A choice in Claude's own words, for one call; undefined for one that Converse has its own words for alone. */
function singleCall(choice: JsonObject | undefined): JsonObject | undefined {
  const single = { disable_parallel_tool_use: true };
  if (choice === undefined || choice.auto) return { type: 'auto', ...single };
  if (choice.any) return { type: 'any', ...single };
  return isObject(choice.tool) ? { type: 'tool', name: choice.tool.name, ...single } : undefined;
}

/** Names that the history calls, in the order of their first call. */
function historyTools(messages: readonly ChatMessage[]): string[] {
  const names = new Set<string>();
  let results = false;
  for (const message of messages) {
    if (message.role === 'tool') results = true;
    if (message.role !== 'assistant') continue;
    for (const part of message.content) {
      if (part.type === 'tool_call') names.add(wireToolName(part.name, part.namespace));
    }
  }
  // A result whose call was cut off still needs a list.
  return names.size === 0 && results ? ['unknown_tool'] : [...names];
}

function writeTool(given: ChatTool, path: string, context: WriteContext, tools: JsonObject[]): void {
  const { dropped, traits } = context;
  if (given.type === 'other') {
    const original = dropped.keepOriginal(given.original, path);
    if (isObject(original)) tools.push(original);
    return;
  }
  dropped.keepExtra(given.extra, path);
  if (given.type === 'custom' && given.format !== undefined) dropped.add(`${path}.format`);
  const tool = given.type === 'custom' ? asFunctionTool(given) : given;
  const name = wireToolName(tool.name, tool.namespace);
  const parameters = tool.parameters ?? NO_PARAMETERS;
  const strict =
    tool.strict === true && traits.structuredOutput && !(context.claude && isRecursive(parameters));
  if (tool.strict === true && !strict) dropped.add(`${path}.strict`);
  const schema = context.claude
    ? inputSchema(parameters, `${path}.parameters`, dropped)
    : { ...(parameters.type === undefined && { type: 'object' }), ...parameters };
  const promised = context.claude ? compileSchema : structuredSchema;
  const compiled = strict ? promised(schema, `${path}.parameters`, dropped) : schema;
  tools.push(toolSpec(name, tool.description, compiled, strict));
  if (tool.cache === undefined) return;
  const point = traits.cachePoints === 'everywhere' ? writeCachePoint(tool.cache, path, context) : undefined;
  if (point) tools.push(point);
  else dropped.add(`${path}.cache_control`);
}

function toolSpec(
  name: string,
  description: string | undefined,
  schema: JsonObject,
  strict = false,
): JsonObject {
  return {
    toolSpec: {
      name,
      // Bedrock refuses a blank one.
      ...(description !== undefined && description.trim() !== '' && { description }),
      inputSchema: { json: schema },
      ...(strict && { strict }),
    },
  };
}

function writeToolChoice(
  choice: ToolChoice,
  tools: readonly ChatTool[],
  { dropped, traits, claude }: WriteContext,
): JsonObject | undefined {
  const choices = claude?.forcedTools === false ? [] : traits.toolChoices;
  switch (choice.type) {
    case 'auto':
      return { auto: {} };
    case 'required':
      if (choices.includes('any')) return { any: {} };
      break;
    case 'function':
    case 'custom':
      if (choices.includes('tool')) return { tool: { name: chosenName(choice.name, tools) } };
      // Of one tool, any is that one.
      if (choices.includes('any') && tools.length === 1 && isNamed(tools[0], choice.name)) return { any: {} };
      break;
    case 'other': {
      const original = dropped.keepOriginal(choice.original, 'tool_choice');
      return isObject(original) ? original : undefined;
    }
    case 'none':
      break;
  }
  dropped.add('tool_choice');
  return undefined;
}

/** The choice names a tool without its group. */
function chosenName(name: string, tools: readonly ChatTool[]): string {
  const tool = tools.find((candidate) => isNamed(candidate, name));
  return wireToolName(name, tool?.type === 'other' ? undefined : tool?.namespace);
}

function isNamed(tool: ChatTool | undefined, name: string): boolean {
  return tool !== undefined && tool.type !== 'other' && tool.name === name;
}
