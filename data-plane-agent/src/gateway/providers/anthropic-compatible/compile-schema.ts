import type { DroppedFields } from '../../chat/dropped-fields.ts';
import { isObject, type JsonObject } from '../../chat/wire.ts';
import { findSchema, mergeAll } from '../gemini-compatible/compile-schema.ts';

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
  'prefixItems',
  'contains',
  'minContains',
  'maxContains',
  'unevaluatedItems',
  'minProperties',
  'maxProperties',
  'patternProperties',
  'propertyNames',
  'dependentRequired',
  'dependentSchemas',
  'unevaluatedProperties',
  'not',
  'if',
  'then',
  'else',
]);
const BY_NAME: ReadonlySet<string> = new Set(['properties', '$defs', 'definitions']);
/** Keywords that say nothing of what a value may be. */
const NOTES: ReadonlySet<string> = new Set(['title', 'description', 'default', 'examples', '$comment']);
/** What may stand beside alternatives. */
const BESIDE_UNION: ReadonlySet<string> = new Set([
  ...NOTES,
  ...['anyOf', 'enum', 'const', '$defs', 'definitions', '$schema', '$id'],
]);
/** Data, in which a reference is none. */
const DATA: ReadonlySet<string> = new Set(['enum', 'const', 'default', 'examples']);
/** Deeper schemas are sent as they are: the API has its own limit. */
const DEEPEST = 64;

/** What all parts of one schema are compiled with. */
interface Compiling {
  readonly root: JsonObject;
  readonly dropped: DroppedFields;
}

/**
 * A JSON schema as Anthropic's structured outputs take it: objects are closed, which they have to be, and what cannot be
 * promised is left out and named.
 *
 * - Exactly one of several (`oneOf`) becomes any of them.
 * - Schemas that have to fit all at once become one.
 * - Alternatives stand alone: an object's own members count more than alternatives beside them.
 * - Where anything goes, it is anything but lists and objects.
 * - An enumeration says its types itself, since the API does not match it with a list of them.
 */
export function compileSchema(schema: JsonObject, path: string, dropped: DroppedFields): JsonObject {
  return compile(schema, path, { root: schema, dropped }, 0);
}

function compile(given: JsonObject, path: string, compiling: Compiling, depth: number): JsonObject {
  if (depth > DEEPEST) return given;
  const { dropped } = compiling;
  const schema = standAlone(mergeIntersection(given, path, compiling), path, dropped);
  const inside = (value: unknown, at: string): unknown =>
    isObject(value) ? compile(value, at, compiling, depth + 1) : value;
  const compiled: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(schema)) {
    const at = `${path}.${name}`;
    if (isRefused(name, value, schema)) dropped.add(at);
    else if (name === 'items') compiled.items = inside(value, at);
    else if (name === 'anyOf' && Array.isArray(value))
      compiled.anyOf = value.map((entry, index) => inside(entry, `${at}[${index}]`));
    else if (BY_NAME.has(name) && isObject(value))
      compiled[name] = Object.fromEntries(
        Object.entries(value).map(([key, entry]) => [key, inside(entry, `${at}.${key}`)]),
      );
    else if (name === 'additionalProperties') {
      if (value !== false) dropped.add(at);
    } else if (name !== 'type' || !Array.isArray(value) || !Array.isArray(schema.enum))
      compiled[name] = value;
  }
  if (isObjectSchema(schema)) compiled.additionalProperties = false;
  if (depth > 0 && Object.keys(compiled).every((name) => NOTES.has(name))) {
    dropped.add(path);
    compiled.type = ['string', 'number', 'boolean', 'null'];
  }
  return compiled;
}

function isRefused(name: string, value: unknown, { type }: JsonObject): boolean {
  if (name === 'minItems') return (value !== 0 && value !== 1) || type === 'object';
  return REFUSED.has(name) || (name === 'items' && !isObject(value));
}

function isObjectSchema({ type, properties }: JsonObject): boolean {
  return type === 'object' || properties !== undefined || (Array.isArray(type) && type.includes('object'));
}

function mergeIntersection(schema: JsonObject, path: string, { root, dropped }: Compiling): JsonObject {
  if (!Array.isArray(schema.allOf)) return schema;
  return mergeAll(schema, schema.allOf, root, [], () => dropped.add(`${path}.allOf`));
}

/** Alternatives and an object's own members, of which the API takes one or the other. */
function standAlone(schema: JsonObject, path: string, dropped: DroppedFields): JsonObject {
  const { anyOf, oneOf, ...rest } = schema;
  const union = anyOf ?? oneOf;
  if (oneOf !== undefined) dropped.add(`${path}.oneOf`);
  if (!Array.isArray(union)) return rest;
  if (isObject(rest.properties) && Object.keys(rest.properties).length > 0) {
    if (anyOf !== undefined) dropped.add(`${path}.anyOf`);
    return rest;
  }
  const { type, additionalProperties: _closed, properties: _none, ...beside } = rest;
  const kept: Record<string, unknown> = { anyOf: union.map((entry) => withType(entry, type)) };
  for (const [name, value] of Object.entries(beside)) {
    if (BESIDE_UNION.has(name)) kept[name] = value;
    else dropped.add(`${path}.${name}`);
  }
  return kept;
}

/** A type that was said for all alternatives is said in each that says none. */
function withType(schema: unknown, type: unknown): unknown {
  if (type === undefined || !isObject(schema)) return schema;
  const says = ['type', '$ref', 'anyOf', 'oneOf', 'allOf', 'enum', 'const'];
  return says.some((name) => schema[name] !== undefined) ? schema : { type, ...schema };
}

/** A schema that leads back to itself, which structured outputs refuse. */
export function isRecursive(root: JsonObject): boolean {
  const open = new Set<string>(['#']);
  const known = new Set<string>();
  const leadsBack = (value: unknown): boolean => {
    if (Array.isArray(value)) return value.some(leadsBack);
    if (!isObject(value)) return false;
    if (typeof value.$ref === 'string' && follows(value.$ref)) return true;
    return Object.entries(value).some(([name, entry]) => !DATA.has(name) && leadsBack(entry));
  };
  const follows = (pointer: string): boolean => {
    if (open.has(pointer)) return true;
    if (known.has(pointer)) return false;
    known.add(pointer);
    open.add(pointer);
    const found = leadsBack(findSchema(root, pointer));
    open.delete(pointer);
    return found;
  };
  return leadsBack(root);
}
