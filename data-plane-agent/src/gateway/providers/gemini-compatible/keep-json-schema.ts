import type { DroppedFields } from '../../chat/dropped-fields.ts';
import { isObject, type JsonObject } from '../../chat/wire.ts';
import { findSchema, MOST_DEPTH, MOST_NODES, mergeAll } from './compile-schema.ts';

/** Members that go on as they are. */
const SAME = new Set([
  'type',
  'title',
  'description',
  'default',
  'enum',
  'minItems',
  'maxItems',
  'minimum',
  'maximum',
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
  'const',
  'format',
  'nullable',
  'properties',
  'required',
  'items',
  'prefixItems',
  'additionalProperties',
  'anyOf',
  'oneOf',
  'allOf',
]);
const FORMATS = new Set(['date-time', 'date', 'time', 'float', 'double', 'int32', 'int64', 'enum']);

/** What may be said of a schema besides. */
export interface SchemaUse {
  /** Answers are held to it, so that what is not documented is refused; what a function takes goes to the model as it is. */
  readonly forAnswer: boolean;
}

/**
 * Writes JSON Schema as far as Gemini reads it, which is more than its own `Schema` can say: numbers to choose from, maps,
 * tuples, recursion. References are resolved but for those that lead back, and what it does not know is left out and named.
 *
 * @param path of the schema in the request, for the names of what is left out
 * @see https://ai.google.dev/api/generate-content#FIELDS.response_json_schema
 */
export function keepJsonSchema(
  schema: JsonObject,
  path: string,
  use: SchemaUse,
  dropped: DroppedFields,
): JsonObject {
  return new Keeper(schema, path, use, dropped).write();
}

class Keeper {
  private readonly root: JsonObject;
  private readonly path: string;
  private readonly use: SchemaUse;
  private readonly dropped: DroppedFields;
  /** Names of what leads back to itself, by its reference. */
  private readonly names = new Map<string, string>();
  private readonly defs: Record<string, unknown> = {};
  private nodes = 0;

  constructor(root: JsonObject, path: string, use: SchemaUse, dropped: DroppedFields) {
    this.root = root;
    this.path = path;
    this.use = use;
    this.dropped = dropped;
  }

  write(): JsonObject {
    const written = this.keep(this.root, this.path, []);
    const $defs = Object.keys(this.defs).length > 0 ? { $defs: this.defs } : {};
    return isObject(written) ? { ...written, ...$defs } : {};
  }

  /**
   * @param open references that are being resolved around this one
   * @param free whether something between here and the last of them may be left out
   */
  private keep(given: unknown, path: string, open: readonly string[], free = false): unknown {
    if (!isObject(given)) {
      if (typeof given === 'boolean') return given;
      this.dropped.add(path);
      return {};
    }
    if (++this.nodes > MOST_NODES || open.length > MOST_DEPTH || path.length > 2_000) {
      this.dropped.add(path);
      return {};
    }
    if (typeof given.$ref === 'string') return this.resolve(given, given.$ref, path, open, free);
    const schema = Array.isArray(given.allOf)
      ? mergeAll(given, given.allOf, this.root, open, () => this.dropped.add(`${path}.allOf`))
      : given;
    const written: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(schema)) {
      if (SAME.has(name)) written[name] = value;
      else if (KNOWN.has(name)) continue;
      else if (this.use.forAnswer || refers(value)) this.dropped.add(`${path}.${name}`);
      else written[name] = value;
    }
    this.writeValues(schema, path, written);
    this.writeMembers(schema, path, open, free, written);
    return written;
  }

  private resolve(
    given: JsonObject,
    pointer: string,
    path: string,
    open: readonly string[],
    free: boolean,
  ): unknown {
    const { $ref: _resolved, ...beside } = given;
    const target = findSchema(this.root, pointer);
    if (target !== undefined && !open.includes(pointer)) {
      return this.keep(isObject(target) ? { ...target, ...beside } : target, path, [...open, pointer]);
    }
    if (target === undefined || !free) {
      // What has to be there cannot hold itself: Google unfolds it a few times only.
      this.dropped.add(`${path}.$ref`);
      const type = isObject(target) ? target.type : undefined;
      return this.keep(type === undefined ? beside : { ...beside, type }, path, open);
    }
    // Nothing else may stand beside a reference.
    for (const name of Object.keys(beside)) this.dropped.add(`${path}.${name}`);
    return { $ref: `#/$defs/${this.define(pointer, target)}` };
  }

  private define(pointer: string, target: unknown): string {
    const known = this.names.get(pointer);
    if (known !== undefined) return known;
    const said = pointer.slice(pointer.lastIndexOf('/') + 1).replaceAll(/[^A-Za-z0-9_]/g, '');
    const name = said === '' || Object.hasOwn(this.defs, said) ? `Schema${this.names.size}` : said;
    this.names.set(pointer, name);
    this.defs[name] = {};
    this.defs[name] = this.keep(target, `${this.path}.$defs.${name}`, [pointer]);
    return name;
  }

  private writeValues(schema: JsonObject, path: string, written: Record<string, unknown>): void {
    if (schema.const !== undefined) written.enum = [schema.const];
    if (schema.nullable === true && typeof schema.type === 'string') written.type = [schema.type, 'null'];
    if (schema.format === undefined) return;
    if (!this.use.forAnswer || FORMATS.has(String(schema.format))) written.format = schema.format;
    else this.dropped.add(`${path}.format`);
  }

  private writeMembers(
    schema: JsonObject,
    path: string,
    open: readonly string[],
    free: boolean,
    written: Record<string, unknown>,
  ): void {
    const { properties, required, items, prefixItems, additionalProperties: more } = schema;
    if (isObject(properties)) {
      const entries = Object.entries(properties).map(([name, value]) => [
        name,
        this.keep(
          value,
          `${path}.properties.${name}`,
          open,
          free || !(Array.isArray(required) && required.includes(name)),
        ),
      ]);
      written.properties = Object.fromEntries(entries);
    }
    if (Array.isArray(required)) {
      const known = required.filter(
        (name) => isObject(properties) && Object.hasOwn(properties, String(name)),
      );
      if (known.length > 0) written.required = known;
      if (known.length < required.length) this.dropped.add(`${path}.required`);
    }
    // The list of an older JSON Schema.
    const places = Array.isArray(items) ? items : prefixItems;
    if (Array.isArray(places)) {
      written.prefixItems = places.map((one, at) => this.keep(one, `${path}.prefixItems[${at}]`, open, free));
    }
    if (items !== undefined && !Array.isArray(items))
      written.items = this.keep(items, `${path}.items`, open, free);
    if (more !== undefined) {
      written.additionalProperties = this.keep(more, `${path}.additionalProperties`, open, free);
    }
    for (const name of ['anyOf', 'oneOf'] as const) {
      const options = schema[name];
      if (!Array.isArray(options)) continue;
      // "Exactly one" is read as "any".
      if (name === 'oneOf') this.dropped.add(`${path}.oneOf`);
      written[name] = options.map((option, at) => this.keep(option, `${path}.${name}[${at}]`, open, free));
    }
  }
}

/** Whether references stand in a value, which lead nowhere once the others are resolved. */
function refers(value: unknown): boolean {
  return (JSON.stringify(value) ?? '').includes('"$ref"');
}
