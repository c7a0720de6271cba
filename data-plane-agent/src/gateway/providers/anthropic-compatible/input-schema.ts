import type { DroppedFields } from '../../chat/dropped-fields.ts';
import { isObject, type JsonObject } from '../../chat/wire.ts';
import { modernSchema } from './modern-schema.ts';

const UNIONS = ['oneOf', 'anyOf', 'allOf'] as const;

/**
 * The schema of a tool's arguments as Claude takes it: an object without alternatives at its top. Where there are some, their
 * members are put together, each of them may be left out that one alternative leaves out, and the choice is named.
 */
export function inputSchema(given: JsonObject, path: string, dropped: DroppedFields): JsonObject {
  const parameters = modernSchema(given);
  const { oneOf: _one, anyOf: _any, allOf: _all, ...rest } = parameters;
  const properties: Record<string, unknown> = {};
  addProperties(properties, rest.properties);
  const required = new Set(namesOf(rest.required));
  let isUnion = false;
  for (const keyword of UNIONS) {
    const branches = parameters[keyword];
    if (!Array.isArray(branches)) continue;
    isUnion = true;
    dropped.add(`${path}.${keyword}`);
    const objects = branches.filter(isObject);
    for (const branch of objects) addProperties(properties, branch.properties);
    for (const name of neededIn(objects, keyword === 'allOf')) required.add(name);
  }
  if (!isUnion) return { type: 'object', ...parameters };
  return {
    type: 'object',
    ...rest,
    properties,
    ...(required.size > 0 ? { required: [...required] } : { required: undefined }),
  };
}

function neededIn(branches: readonly JsonObject[], ofAny: boolean): string[] {
  const lists = branches.map((branch) => namesOf(branch.required));
  if (ofAny) return lists.flat();
  return (lists[0] ?? []).filter((name) => lists.every((list) => list.includes(name)));
}

function namesOf(required: unknown): string[] {
  return Array.isArray(required) ? required.filter((name) => typeof name === 'string') : [];
}

/** A member of several alternatives may be any of what they say. */
function addProperties(properties: Record<string, unknown>, more: unknown): void {
  if (!isObject(more)) return;
  for (const [name, schema] of Object.entries(more)) {
    const before = Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (before === undefined) properties[name] = schema;
    else if (JSON.stringify(before) !== JSON.stringify(schema))
      properties[name] = { anyOf: [...alternativesOf(before), schema] };
  }
}

/** Those that were put together here. */
function alternativesOf(schema: unknown): unknown[] {
  const isOurs = isObject(schema) && Array.isArray(schema.anyOf) && Object.keys(schema).length === 1;
  return isOurs && Array.isArray(schema.anyOf) ? schema.anyOf : [schema];
}
