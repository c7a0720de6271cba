import { isObject, type JsonObject } from '../../chat/wire.ts';

const ONE: ReadonlySet<string> = new Set([
  'items',
  'additionalProperties',
  'not',
  'if',
  'then',
  'else',
  'contains',
  'propertyNames',
]);
const LIST: ReadonlySet<string> = new Set(['anyOf', 'allOf', 'oneOf', 'prefixItems']);
const BY_NAME: ReadonlySet<string> = new Set(['properties', 'patternProperties', '$defs', 'definitions']);
/** Deeper schemas are sent as they are. */
const DEEPEST = 64;

/**
 * A JSON schema of an older draft in the words of draft 2020-12, the only ones that the API takes for a tool: one schema in
 * others refuses all tools. What is said stays the same.
 *
 * - A list by places is `prefixItems`, and what may follow is `items`.
 * - An exclusive bound is a number, and not a word beside the bound.
 * - An object says which members are needed, and not each member.
 */
export function modernSchema(schema: JsonObject): JsonObject {
  return modern(schema, 0);
}

function modern(schema: JsonObject, depth: number): JsonObject {
  if (depth > DEEPEST) return schema;
  const inside = (value: unknown): unknown => (isObject(value) ? modern(value, depth + 1) : value);
  const written: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(schema)) {
    if (ONE.has(name) && isObject(value)) written[name] = inside(value);
    else if (LIST.has(name) && Array.isArray(value)) written[name] = value.map(inside);
    else if (BY_NAME.has(name) && isObject(value))
      written[name] = Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, inside(entry)]));
    else if (name !== '$schema' || String(value).includes('2020-12')) written[name] = value;
  }
  if (Array.isArray(schema.items)) {
    written.prefixItems = schema.items.map(inside);
    delete written.items;
    delete written.additionalItems;
    if (schema.additionalItems !== undefined) written.items = inside(schema.additionalItems);
  }
  bound(written, 'exclusiveMinimum', 'minimum');
  bound(written, 'exclusiveMaximum', 'maximum');
  if (typeof written.required === 'boolean') delete written.required;
  const needed = namesOfNeeded(schema.properties);
  if (needed.length > 0)
    written.required = [
      ...new Set([...(Array.isArray(written.required) ? written.required : []), ...needed]),
    ];
  return written;
}

function bound(schema: Record<string, unknown>, exclusive: string, inclusive: string): void {
  if (typeof schema[exclusive] !== 'boolean') return;
  const isExclusive = schema[exclusive] && schema[inclusive] !== undefined;
  if (isExclusive) {
    schema[exclusive] = schema[inclusive];
    delete schema[inclusive];
  } else delete schema[exclusive];
}

function namesOfNeeded(properties: unknown): string[] {
  if (!isObject(properties)) return [];
  return Object.entries(properties).flatMap(([name, member]) =>
    isObject(member) && member.required === true ? [name] : [],
  );
}
