import type { DroppedFields } from '../../chat/dropped-fields.ts';
import { isObject, type JsonObject } from '../../chat/wire.ts';

/** Keywords that structured outputs refuse (Anthropic, "Structured outputs", "JSON Schema limitations"). */
const REFUSED: ReadonlySet<string> = new Set([
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minLength',
  'maxLength',
  'maxItems',
  'uniqueItems',
  'minProperties',
  'maxProperties',
  'patternProperties',
  'propertyNames',
]);
/** Keywords whose value is a schema, a list of schemas, or schemas by name. Everything else is data and stays as it is. */
const ONE: ReadonlySet<string> = new Set(['items', 'not', 'if', 'then', 'else', 'contains']);
const LIST: ReadonlySet<string> = new Set(['anyOf', 'allOf', 'oneOf', 'prefixItems']);
const BY_NAME: ReadonlySet<string> = new Set(['properties', '$defs', 'definitions']);
/** Deeper schemas are sent as they are: the API has its own limit. */
const DEEPEST = 64;

/**
 * A JSON schema as Anthropic's structured outputs take it: objects are closed, which they have to be, and limits that cannot be
 * promised are left out and named.
 */
export function compileSchema(schema: JsonObject, path: string, dropped: DroppedFields): JsonObject {
  return compile(schema, path, dropped, 0);
}

function compile(schema: JsonObject, path: string, dropped: DroppedFields, depth: number): JsonObject {
  if (depth > DEEPEST) return schema;
  const inside = (value: unknown, at: string): unknown =>
    isObject(value) ? compile(value, at, dropped, depth + 1) : value;
  const compiled: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(schema)) {
    const at = `${path}.${name}`;
    if (REFUSED.has(name) || (name === 'minItems' && value !== 0 && value !== 1)) dropped.add(at);
    else if (ONE.has(name)) compiled[name] = inside(value, at);
    else if (LIST.has(name) && Array.isArray(value))
      compiled[name] = value.map((entry, index) => inside(entry, `${at}[${index}]`));
    else if (BY_NAME.has(name) && isObject(value))
      compiled[name] = Object.fromEntries(
        Object.entries(value).map(([key, entry]) => [key, inside(entry, `${at}.${key}`)]),
      );
    else if (name === 'additionalProperties') {
      if (value !== false) dropped.add(at);
    } else compiled[name] = value;
  }
  if (isObjectSchema(schema)) compiled.additionalProperties = false;
  return compiled;
}

function isObjectSchema({ type, properties }: JsonObject): boolean {
  return type === 'object' || properties !== undefined || (Array.isArray(type) && type.includes('object'));
}
