import type { ApiDocument, DocumentSchema } from './document-shape.ts';

/** A field as a row of a table. */
export interface FieldRow {
  /** `price.input`, `data[].id` */
  name: string;
  type: string;
  required: boolean;
  description: string;
}

const DEEPEST = 3;

/** The fields of an object's schema, those of objects inside it included. */
export function listFields(document: ApiDocument, schema: DocumentSchema | undefined, depth = 0): FieldRow[] {
  const object = resolve(document, schema);
  if (!object || depth >= DEEPEST) return [];
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
