import type { ChatTool, ToolChoice } from '../../chat/chat-request.ts';
import { isObject, type JsonObject, takeExtra } from '../../chat/wire.ts';
import { readField, requireField, requireObject } from '../read-field.ts';
import { commonMembers } from './read-block.ts';
import { addedTool } from './read-message.ts';

const WIRE = 'anthropic-messages';
const TOOL_FIELDS = new Set(['type', 'name', 'description', 'input_schema', 'strict', 'cache_control']);
const CHOICE_FIELDS = new Set(['type', 'name', 'disable_parallel_tool_use']);

/** Those of the list, and those that instructions between turns bring along. */
export function readTools(body: JsonObject, turns: readonly unknown[]): ChatTool[] {
  const tools = (readField(body, 'tools', 'array') ?? []).map((tool, index) =>
    readTool(tool, `tools[${index}]`),
  );
  turns.forEach((turn, at) => {
    if (!isObject(turn) || turn.role !== 'system' || !Array.isArray(turn.content)) return;
    turn.content.forEach((block: unknown, index) => {
      const tool = isObject(block) ? addedTool(block) : undefined;
      if (tool !== undefined) tools.push(readTool(tool, `messages[${at}].content[${index}].tool.definition`));
    });
  });
  return tools;
}

function readTool(value: unknown, path: string): ChatTool {
  const tool = requireObject(value, path);
  const type = tool.type;
  // Anthropic's own tools have a dated type and no schema.
  if ((type !== undefined && type !== null && type !== 'custom') || !isObject(tool.input_schema))
    return { type: 'other', original: { wire: WIRE, value: tool } };
  const inside = `${path}.`;
  return {
    type: 'function',
    name: requireField(tool, 'name', 'string', inside),
    description: readField(tool, 'description', 'string', inside),
    parameters: tool.input_schema,
    strict: readField(tool, 'strict', 'boolean', inside),
    ...(tool.strict === true && { optionalMembers: true }),
    ...commonMembers(tool, TOOL_FIELDS),
  };
}

/** Reads `tool_choice`. */
export function readToolChoice(choice: JsonObject): ToolChoice {
  const known = takeExtra(WIRE, choice, CHOICE_FIELDS) === undefined;
  if (known && (choice.type === 'auto' || choice.type === 'none')) return { type: choice.type };
  if (known && choice.type === 'any') return { type: 'required' };
  if (known && choice.type === 'tool' && typeof choice.name === 'string')
    return { type: 'function', name: choice.name };
  return { type: 'other', original: { wire: WIRE, value: choice } };
}
