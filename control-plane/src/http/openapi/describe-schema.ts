import type { ApiDocument, DocumentSchema } from './document-shape.ts';

/** A field as a row of a table. */
export interface FieldRow {
  /** `price.input`, `data[].id` */
  name: string;
  type: string;
  required: boolean;
  description: string;
}

const DEEPEST = 6;

/** The fields of an object's schema, those of objects inside it included. */
export function listFields(document: ApiDocument, schema: DocumentSchema | undefined, depth = 0): FieldRow[] {
  const object = resolve(document, schema);
  if (!object || depth >= DEEPEST) return [];
  const choices = object.anyOf ?? object.oneOf;
  if (choices) return merge(choices.map((choice) => listFields(document, choice, depth)));
  if (object.items) return prefix('[]', listFields(document, object.items, depth + 1));
  return Object.entries(object.properties ?? {}).flatMap(([name, field]) => {
    const inner = resolve(document, field);
    const row: FieldRow = {
      name,
      type: describeType(document, field),
      required: object.required?.includes(name) ?? false,
      description: field.description ?? inner?.description ?? '',
    };
    return [row, ...prefix(inner?.items ? name : `${name}.`, listFields(document, inner, depth + 1))];
  });
}

/** The fields of several choices as one list: a field is required where every choice asks for it. */
function merge(choices: readonly FieldRow[][]): FieldRow[] {
  const objects = choices.filter((rows) => rows.length > 0);
  const byName = Map.groupBy(objects.flat(), (row) => row.name);
  return [...byName.values()].flatMap((rows) => {
    const [first] = rows;
    if (!first) return [];
    const type = [...new Set(rows.map((row) => row.type))].join(' or ');
    const required = rows.length >= objects.length && rows.every((row) => row.required);
    return [{ ...first, type, required }];
  });
}

function prefix(text: string, rows: readonly FieldRow[]): FieldRow[] {
  return rows.map((row) => ({ ...row, name: `${text}${text.endsWith(']') ? '.' : ''}${row.name}` }));
}

/** A type in a few words: `string or null`, `"failover"`, `list of string`. */
export function describeType(document: ApiDocument, schema: DocumentSchema | undefined): string {
  const known = resolve(document, schema);
  if (!known) return 'anything';
  if (known.const !== undefined) return JSON.stringify(known.const);
  if (known.enum) return known.enum.map((value) => JSON.stringify(value)).join(' or ');
  const choices = known.anyOf ?? known.oneOf;
  if (choices) return [...new Set(choices.map((choice) => describeType(document, choice)))].join(' or ');
  const types = [known.type ?? 'anything'].flat();
  return types
    .map((type) => {
      if (type === 'array') return `list of ${describeType(document, known.items)}`;
      if (type === 'string' && known.format) return known.format;
      return type;
    })
    .join(' or ');
}

function resolve(document: ApiDocument, schema: DocumentSchema | undefined): DocumentSchema | undefined {
  const name = schema?.$ref?.split('/').at(-1);
  return name ? document.components?.schemas?.[name] : schema;
}
