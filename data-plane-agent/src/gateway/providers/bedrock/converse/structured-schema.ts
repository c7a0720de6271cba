import type { DroppedFields } from '../../../chat/dropped-fields.ts';
import { isObject, type JsonObject } from '../../../chat/wire.ts';

/** Keywords whose value is a schema. */
const ONE = new Set(['items', 'not', 'contains', 'if', 'then', 'else']);
/** Keywords whose value is a list of schemas. */
const MANY = new Set(['anyOf', 'allOf', 'oneOf', 'prefixItems']);
/** Keywords whose value maps names to schemas. */
const NAMED = new Set(['properties', '$defs', 'definitions', 'dependentSchemas']);
/** Constraints that structured output does not know. */
const UNSUPPORTED = new Set([
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

/**
 * Compiles a JSON Schema to what Bedrock's structured output takes: no numeric and length constraints, objects closed. Data
 * positions (`enum`, `const`, `default`, `examples`) and property names are never touched. What is left out is noted.
 *
 * @see https://docs.aws.amazon.com/bedrock/latest/userguide/structured-output.html
 */
export function structuredSchema(schema: JsonObject, path: string, dropped: DroppedFields): JsonObject {
  const written: Record<string, unknown> = {};
  for (const [keyword, value] of Object.entries(schema)) {
    const at = `${path}.${keyword}`;
    if (UNSUPPORTED.has(keyword) || (keyword === 'minItems' && Number(value) > 1)) dropped.add(at);
    else if (keyword === 'additionalProperties') {
      if (value !== false) dropped.add(at);
    } else if (ONE.has(keyword)) written[keyword] = compile(value, at, dropped);
    else if (MANY.has(keyword) && Array.isArray(value)) {
      written[keyword] = value.map((member, index) => compile(member, `${at}[${index}]`, dropped));
    } else if (NAMED.has(keyword) && isObject(value)) {
      const members = Object.entries(value).map(([name, member]) => [
        name,
        compile(member, `${at}.${name}`, dropped),
      ]);
      written[keyword] = Object.fromEntries(members);
    } else written[keyword] = value;
  }
  if (isObject(written.properties) || takesObjects(schema.type)) written.additionalProperties = false;
  return written;
}

function compile(value: unknown, path: string, dropped: DroppedFields): unknown {
  return isObject(value) ? structuredSchema(value, path, dropped) : value;
}

function takesObjects(type: unknown): boolean {
  return type === 'object' || (Array.isArray(type) && type.includes('object'));
}
