import type { DroppedFields } from '../../chat/dropped-fields.ts';
import { isObject, type JsonObject } from '../../chat/wire.ts';

/** Deeper, or with more nodes, a schema is cut and the cut is named: references could otherwise unfold without end. */
export const MOST_DEPTH = 24;
export const MOST_NODES = 5_000;

/** Members of Gemini's `Schema` that mean the same in JSON Schema. Their values are not looked into. */
const SAME = new Set([
  'title',
  'description',
  'default',
  'example',
  'nullable',
  'pattern',
  'minLength',
  'maxLength',
  'minimum',
  'maximum',
  'minItems',
  'maxItems',
  'minProperties',
  'maxProperties',
  'propertyOrdering',
]);
/** Handled below, or without meaning for what may be generated. */
const KNOWN = new Set([
  '$ref',
  '$schema',
  '$id',
  '$anchor',
  '$comment',
  '$defs',
  'definitions',
  'type',
  'enum',
  'const',
  'format',
  'properties',
  'required',
  'items',
  'anyOf',
  'oneOf',
  'allOf',
  'additionalProperties',
]);
const FORMATS: Readonly<Record<string, readonly string[]>> = {
  STRING: ['date-time', 'enum'],
  NUMBER: ['float', 'double'],
  INTEGER: ['int32', 'int64'],
};
/** Members that speak of one type. */
const OF_TYPE: Readonly<Record<string, readonly string[]>> = {
  STRING: ['pattern', 'minLength', 'maxLength'],
  NUMBER: ['minimum', 'maximum'],
  INTEGER: ['minimum', 'maximum'],
  ARRAY: ['items', 'minItems', 'maxItems'],
  OBJECT: [
    'properties',
    'required',
    'additionalProperties',
    'minProperties',
    'maxProperties',
    'propertyOrdering',
  ],
};
const OF_SOME_TYPE = new Set(Object.values(OF_TYPE).flat());
const TYPES = new Set(['STRING', 'NUMBER', 'INTEGER', 'BOOLEAN', 'ARRAY', 'OBJECT', 'NULL']);

/**
 * Compiles JSON Schema to Gemini's `Schema`, a subset of OpenAPI 3.0's. References are resolved, since it has none; what it
 * cannot say is left out and named. Values (`enum`, `default`) are never changed.
 *
 * @param path of the schema in the request, for the names of what is left out
 * @see https://ai.google.dev/api/caching#Schema
 */
export function compileSchema(schema: JsonObject, path: string, dropped: DroppedFields): JsonObject {
  return new Compiler(schema, dropped).compile(schema, path, []);
}

class Compiler {
  private readonly root: JsonObject;
  private readonly dropped: DroppedFields;
  private nodes = 0;

  constructor(root: JsonObject, dropped: DroppedFields) {
    this.root = root;
    this.dropped = dropped;
  }

  /** @param open references that are being resolved around this one */
  compile(given: unknown, path: string, open: readonly string[]): JsonObject {
    // `true` and `{}` allow everything; `false` cannot be said.
    if (!isObject(given)) {
      if (given !== true) this.dropped.add(path);
      return {};
    }
    if (++this.nodes > MOST_NODES || open.length > MOST_DEPTH || path.length > 2_000) {
      this.dropped.add(path);
      return {};
    }
    if (typeof given.$ref === 'string') return this.resolve(given, given.$ref, path, open);
    const whole = Array.isArray(given.allOf)
      ? mergeAll(given, given.allOf, this.root, open, () => this.dropped.add(`${path}.allOf`))
      : given;
    const written: Record<string, unknown> = {};
    const types = this.writeTypes(whole, path, open, written);
    // With several types, what speaks of one of them is written there.
    const schema = written.anyOf === undefined ? whole : withoutTyped(whole);
    this.writeUnion(schema, path, open, written);
    for (const [name, value] of Object.entries(schema)) {
      if (SAME.has(name)) written[name] = value;
      else if (!KNOWN.has(name)) this.dropped.add(`${path}.${name}`);
    }
    this.writeValues(schema, path, types, written);
    this.writeMembers(schema, path, open, types, written);
    return written.anyOf === undefined ? written : this.standAlone(written, path);
  }

  private resolve(given: JsonObject, pointer: string, path: string, open: readonly string[]): JsonObject {
    const target = open.includes(pointer) ? undefined : findSchema(this.root, pointer);
    if (target === undefined) {
      this.dropped.add(`${path}.$ref`);
      const { $ref: _cut, ...rest } = given;
      const found = findSchema(this.root, pointer);
      const type = isObject(found) ? found.type : undefined;
      return this.compile(type === undefined ? rest : { ...rest, type }, path, [...open, pointer]);
    }
    const { $ref: _resolved, ...beside } = given;
    return this.compile(isObject(target) ? { ...target, ...beside } : target, path, [...open, pointer]);
  }

  /** Vertex AI takes nothing beside `anyOf`: what it can say for all of them goes into each option. */
  private standAlone({ anyOf, ...beside }: Record<string, unknown>, path: string): JsonObject {
    if (!Array.isArray(anyOf)) return beside;
    if (['type', 'properties', 'items'].some((name) => beside[name] !== undefined)) {
      this.dropped.add(`${path}.anyOf`);
      return beside;
    }
    const { description, nullable, ...others } = beside;
    for (const name of Object.keys(others)) this.dropped.add(`${path}.${name}`);
    const options = anyOf.filter(isObject);
    if (description !== undefined && options.every((option) => option.description !== undefined)) {
      this.dropped.add(`${path}.description`);
    }
    return {
      anyOf: options.map((option) => ({
        ...(description !== undefined && { description }),
        ...option,
        ...(nullable === true && { nullable }),
      })),
    };
  }

  private writeTypes(
    schema: JsonObject,
    path: string,
    open: readonly string[],
    written: Record<string, unknown>,
  ): string | undefined {
    const named = (Array.isArray(schema.type) ? schema.type : [schema.type ?? typeOf(schema)])
      .filter((type): type is string => typeof type === 'string')
      .map((type) => type.toUpperCase());
    const types = named.filter((type) => TYPES.has(type) && type !== 'NULL');
    if (named.some((type) => !TYPES.has(type))) this.dropped.add(`${path}.type`);
    if (named.includes('NULL')) {
      if (types.length > 0) written.nullable = true;
      else written.type = 'NULL';
    }
    if (types.length === 1) written.type = types[0];
    if (types.length > 1) {
      written.anyOf = types.map((type) => this.compile(partOf(schema, type), path, open));
      if (schema.anyOf !== undefined || schema.oneOf !== undefined) this.dropped.add(`${path}.type`);
    }
    return types.length === 1 ? types[0] : undefined;
  }

  private writeUnion(
    schema: JsonObject,
    path: string,
    open: readonly string[],
    written: Record<string, unknown>,
  ): void {
    const name = Array.isArray(schema.anyOf) ? 'anyOf' : 'oneOf';
    const options = schema[name];
    if (Array.isArray(schema.anyOf) && schema.oneOf !== undefined) this.dropped.add(`${path}.oneOf`);
    if (!Array.isArray(options)) return;
    // "Exactly one" is read as "any".
    if (name === 'oneOf') this.dropped.add(`${path}.oneOf`);
    const rest = options.filter((option) => !(isObject(option) && option.type === 'null'));
    if (rest.length < options.length) written.nullable = true;
    const compiled = rest.map((option, index) => this.compile(option, `${path}.${name}[${index}]`, open));
    if (compiled.length === 1) Object.assign(written, compiled[0], written);
    else if (compiled.length > 1) written.anyOf = compiled;
  }

  /** `enum` holds strings only. */
  private writeValues(
    schema: JsonObject,
    path: string,
    type: string | undefined,
    written: Record<string, unknown>,
  ): void {
    const name = schema.const !== undefined ? 'const' : 'enum';
    const values = name === 'const' ? [schema.const] : schema.enum;
    if (Array.isArray(values)) {
      const strings = values.filter((value) => value !== null);
      if (strings.length < values.length) written.nullable = true;
      if (strings.every((value) => typeof value === 'string') && (type ?? 'STRING') === 'STRING') {
        written.type ??= 'STRING';
        // Of several types only this one has a value.
        if (schema.anyOf === undefined && schema.oneOf === undefined) delete written.anyOf;
        if (strings.length > 0) written.enum = strings;
      } else this.dropped.add(`${path}.${name}`);
    }
    if (schema.format !== undefined) {
      const known = FORMATS[String(type)]?.includes(String(schema.format));
      if (known) written.format = schema.format;
      else this.dropped.add(`${path}.format`);
    }
  }

  private writeMembers(
    schema: JsonObject,
    path: string,
    open: readonly string[],
    type: string | undefined,
    written: Record<string, unknown>,
  ): void {
    if (isObject(schema.properties)) {
      const entries = Object.entries(schema.properties).map(([name, value]) => [
        name,
        this.compile(value, `${path}.properties.${name}`, open),
      ]);
      if (entries.length > 0) written.properties = Object.fromEntries(entries);
    }
    if (Array.isArray(schema.required)) {
      const properties = isObject(schema.properties) ? schema.properties : {};
      const required = schema.required.filter((name) => Object.hasOwn(properties, String(name)));
      if (required.length > 0) written.required = required;
      if (required.length < schema.required.length) this.dropped.add(`${path}.required`);
    }
    if (Array.isArray(schema.items)) this.dropped.add(`${path}.items`);
    else if (schema.items !== undefined) written.items = this.compile(schema.items, `${path}.items`, open);
    // A list has to say what is in it.
    if (type === 'ARRAY') written.items ??= {};
    // `false` is how Gemini writes objects anyway: it fills in the properties that it is told of.
    const { additionalProperties: more } = schema;
    if (more !== undefined && more !== false) this.dropped.add(`${path}.additionalProperties`);
  }
}

/** What a reference inside of a document points at; undefined for one to elsewhere. */
export function findSchema(root: JsonObject, pointer: string): unknown {
  if (!pointer.startsWith('#')) return undefined;
  let at: unknown = root;
  for (const step of pointer.slice(1).split('/').filter(Boolean)) {
    const name = decode(step).replaceAll('~1', '/').replaceAll('~0', '~');
    if (Array.isArray(at)) at = at[Number(name)];
    else if (isObject(at) && Object.hasOwn(at, name)) at = at[name];
    else return undefined;
  }
  return at;
}

/**
 * Several schemas at once become one: properties and required names together, the rest by the last that says it.
 *
 * @param lost called for each that could not be merged
 */
export function mergeAll(
  given: JsonObject,
  all: readonly unknown[],
  root: JsonObject,
  open: readonly string[],
  lost: () => void,
): JsonObject {
  let merged: JsonObject = {};
  const { allOf: _merged, ...own } = given;
  for (const part of [...all, own]) {
    if (!isObject(part)) continue;
    const pointer = typeof part.$ref === 'string' ? part.$ref : undefined;
    const found = pointer === undefined || open.includes(pointer) ? part : findSchema(root, pointer);
    if (!isObject(found) || found.$ref !== undefined || found.allOf !== undefined) {
      lost();
      continue;
    }
    const properties = { ...asObject(merged.properties), ...asObject(found.properties) };
    const required = [...new Set([...asList(merged.required), ...asList(found.required)])];
    const { $ref: _found, ...rest } = found;
    merged = { ...merged, ...rest };
    if (Object.keys(properties).length > 0) merged = { ...merged, properties };
    if (required.length > 0) merged = { ...merged, required };
  }
  return merged;
}

/** What a schema of several types says of one of them. */
function partOf(schema: JsonObject, type: string): JsonObject {
  const part: Record<string, unknown> = { type: type.toLowerCase() };
  for (const name of OF_TYPE[type] ?? []) if (schema[name] !== undefined) part[name] = schema[name];
  return part;
}

function withoutTyped(schema: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(schema).filter(([name]) => !OF_SOME_TYPE.has(name)));
}

function typeOf(schema: JsonObject): string | undefined {
  if (isObject(schema.properties)) return 'object';
  return schema.items === undefined ? undefined : 'array';
}

function decode(step: string): string {
  try {
    return decodeURIComponent(step);
  } catch {
    return step;
  }
}

function asObject(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
