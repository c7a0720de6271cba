import { readCacheControl } from '../../chat/cache-hint.ts';
import type { ChatTool, ToolChoice } from '../../chat/chat-request.ts';
import { isObject, type JsonObject, takeExtra } from '../../chat/wire.ts';
import { GatewayError } from '../../errors/gateway-error.ts';
import { readField, requireField, requireObject } from '../read-field.ts';
import { WIRE } from './read-content.ts';

const FUNCTION_FIELDS = new Set(['type', 'name', 'description', 'parameters', 'strict', 'cache_control']);
const CUSTOM_FIELDS = new Set(['type', 'name', 'description', 'format']);
const NAMESPACE_FIELDS = new Set(['type', 'name', 'description', 'tools']);

/**
 * Reads the tools of the request and those inside its items; of two with one name the later one counts. Groups are taken
 * apart: each of their tools knows its group.
 *
 * @throws GatewayError `invalid_type`, `missing_required_parameter`; `unsupported_parameter` for tools that would have one name
 *   where there are no groups
 */
export function readTools(body: JsonObject): ChatTool[] {
  const tools = readAllTools(body);
  refuseClash(tools);
  return tools;
}

/** Other APIs have no groups: the group goes into the name there, and two tools must not meet in one. */
function refuseClash(tools: readonly ChatTool[]): void {
  const owners = new Map<string, ChatTool>();
  for (const tool of tools) {
    if (tool.type === 'other') continue;
    const name = tool.namespace === undefined ? tool.name : `${tool.namespace}__${tool.name}`;
    const owner = owners.get(name);
    if (owner && !isSame(tool, owner)) {
      const detail = `Two tools of different groups are both "${name}" at a provider without groups. Rename one of them.`;
      throw new GatewayError('unsupported_parameter', { param: 'tools', detail });
    }
    owners.set(name, tool);
  }
}

function readAllTools(body: JsonObject): ChatTool[] {
  const tools = (readField(body, 'tools', 'array') ?? []).flatMap((tool, index) =>
    readTool(tool, `tools[${index}]`),
  );
  if (!Array.isArray(body.input)) return tools;
  body.input.forEach((item: unknown, index) => {
    if (!isObject(item) || item.type !== 'additional_tools') return;
    const path = `input[${index}].`;
    requireField(item, 'tools', 'array', path).forEach((value, position) => {
      for (const tool of readTool(value, `${path}tools[${position}]`)) add(tool, tools);
    });
  });
  return tools;
}

function add(tool: ChatTool, tools: ChatTool[]): void {
  const at = tools.findIndex((known) => known.type !== 'other' && isSame(known, tool));
  if (at === -1) tools.push(tool);
  else tools[at] = tool;
}

function isSame(known: Exclude<ChatTool, { type: 'other' }>, tool: ChatTool): boolean {
  return tool.type !== 'other' && known.name === tool.name && known.namespace === tool.namespace;
}

function readTool(value: unknown, path: string, namespace?: string): ChatTool[] {
  const tool = requireObject(value, path);
  if (tool.type === 'namespace' && namespace === undefined) return readNamespace(tool, path);
  const inside = `${path}.`;
  const group = namespace === undefined ? {} : { namespace };
  if (tool.type === 'function') {
    const cache = readCacheControl(tool.cache_control);
    return [
      {
        type: 'function',
        name: requireField(tool, 'name', 'string', inside),
        description: readField(tool, 'description', 'string', inside),
        parameters: readField(tool, 'parameters', 'object', inside),
        strict: readField(tool, 'strict', 'boolean', inside),
        ...group,
        ...(cache && { cache }),
        extra: takeExtra(WIRE, tool, FUNCTION_FIELDS),
      },
    ];
  }
  if (tool.type === 'custom') {
    return [
      {
        type: 'custom',
        name: requireField(tool, 'name', 'string', inside),
        description: readField(tool, 'description', 'string', inside),
        format: readField(tool, 'format', 'object', inside),
        ...group,
        extra: takeExtra(WIRE, tool, CUSTOM_FIELDS),
      },
    ];
  }
  return [{ type: 'other', original: { wire: WIRE, value: tool } }];
}

/** What is said of the group as a whole goes to the model in front of what is said of its first tool. */
function readNamespace(group: JsonObject, path: string): ChatTool[] {
  const name = requireField(group, 'name', 'string', `${path}.`);
  const about = readField(group, 'description', 'string', `${path}.`) ?? '';
  const extra = takeExtra(WIRE, group, NAMESPACE_FIELDS);
  const tools = requireField(group, 'tools', 'array', `${path}.`).flatMap((tool, index) =>
    readTool(tool, `${path}.tools[${index}]`, name),
  );
  return tools.map((tool, index) => {
    if (index > 0 || tool.type === 'other') return tool;
    const description = [about, tool.description ?? ''].filter((text) => text !== '').join('\n\n');
    return {
      ...tool,
      ...(description !== '' && { description }),
      ...(extra && { extra: { wire: WIRE, fields: { ...tool.extra?.fields, ...extra.fields } } }),
    };
  });
}

/** `tool_choice`, and the tools that it leaves: where it names those that are allowed, the others are not offered. */
export function readToolChoice(
  value: unknown,
  tools: readonly ChatTool[],
): { tools: readonly ChatTool[]; toolChoice: ToolChoice | undefined } {
  if (value === undefined || value === null) return { tools, toolChoice: undefined };
  if (value === 'auto' || value === 'none' || value === 'required')
    return { tools, toolChoice: { type: value } };
  const choice = isObject(value) ? value : {};
  const { type, name, mode } = choice;
  const members = Object.keys(choice).length;
  if ((type === 'function' || type === 'custom') && typeof name === 'string' && members === 2)
    return { tools, toolChoice: { type, name } };
  if (type === 'allowed_tools' && (mode === 'auto' || mode === 'required') && members === 3) {
    const allowed = readField(choice, 'tools', 'array', 'tool_choice.') ?? [];
    return { tools: tools.filter((tool) => allowed.some(allows(tool))), toolChoice: { type: mode } };
  }
  return { tools, toolChoice: { type: 'other', original: { wire: WIRE, value } } };
}

/** Tools of the provider's own are named by their type, those of servers by the server's label. */
function allows(tool: ChatTool): (entry: unknown) => boolean {
  return (entry) => {
    if (!isObject(entry)) return false;
    if (tool.type !== 'other') {
      if (entry.type === 'namespace') return entry.name === tool.namespace;
      return entry.type === tool.type && entry.name === tool.name;
    }
    const { value } = tool.original;
    return isObject(value) && value.type === entry.type && value.server_label === entry.server_label;
  };
}
