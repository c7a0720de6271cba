import type { DroppedFields } from '../../chat/dropped-fields.ts';
import { isObject, type JsonObject } from '../../chat/wire.ts';

/** Keywords whose value is a schema. */
const ONE = new Set(['items', 'additionalProperties', 'not']);
/** Keywords whose value is a list of schemas. */
const MANY = new Set(['anyOf', 'allOf', 'oneOf', 'prefixItems']);
/** Keywords whose value maps names to schemas. */
const NAMED = new Set(['properties', '$defs', 'definitions', '$def']);
/** Ranges, which structured output does not know. */
const UNSUPPORTED = new Set([
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'uniqueItems',
  'minProperties',
  'maxProperties',
]);

const FORMATS = new Set<unknown>(['date-time', 'uuid', 'date', 'time']);
/** Ends of the text, and what stands before or behind, which its regular expressions do not know. */
const LOOKS_AROUND = /\^|\$|\(\?[=!]/;

function isUnsupported(keyword: string, value: unknown): boolean {
  if (keyword === 'format') return !FORMATS.has(value);
  if (keyword === 'pattern') return typeof value === 'string' && LOOKS_AROUND.test(value);
  return UNSUPPORTED.has(keyword);
}

/**
 * Compiles a JSON Schema to what Cohere's structured output takes: ranges of numbers and lengths, and forms of texts that it
 * does not know, go and are noted. Data positions and property names are never touched.
 *
 * @see https://docs.cohere.com/docs/structured-outputs
 */
export function compileSchema(schema: JsonObject, path: string, dropped: DroppedFields): JsonObject {
  const compile = (value: unknown, at: string) =>
    isObject(value) ? compileSchema(value, at, dropped) : value;
  const written: [string, unknown][] = [];
  for (const [keyword, value] of Object.entries(schema)) {
    const at = `${path}.${keyword}`;
    if (isUnsupported(keyword, value)) dropped.add(at);
    else if (ONE.has(keyword)) written.push([keyword, compile(value, at)]);
    else if (MANY.has(keyword) && Array.isArray(value))
      written.push([keyword, value.map((member, index) => compile(member, `${at}[${index}]`))]);
    else if (NAMED.has(keyword) && isObject(value)) {
      const members = Object.entries(value).map(([name, member]) => [name, compile(member, `${at}.${name}`)]);
      written.push([keyword, Object.fromEntries(members)]);
    } else written.push([keyword, value]);
  }
  return Object.fromEntries(written);
}
