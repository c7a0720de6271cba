import { DroppedFields } from '../../chat/dropped-fields.ts';
import type { JsonObject } from '../../chat/wire.ts';
import { compileSchema } from './compile-schema.ts';
import { isSince25 } from './gemini-host.ts';
import { keepJsonSchema, type SchemaUse } from './keep-json-schema.ts';

/** A schema in one of the two forms that Gemini has a member for. */
export interface WrittenSchema {
  readonly member: 'schema' | 'jsonSchema';
  readonly written: JsonObject;
}

/** Writes JSON Schema as Gemini's own `Schema`, or as it is where that loses less and the model takes it. */
export function writeSchema(
  schema: JsonObject,
  path: string,
  use: SchemaUse,
  model: string,
  dropped: DroppedFields,
): WrittenSchema {
  const compiling = new DroppedFields('gemini-content');
  const keeping = new DroppedFields('gemini-content');
  const compiled: WrittenSchema = { member: 'schema', written: compileSchema(schema, path, compiling) };
  if (compiling.names.length === 0 || !isSince25(model)) return named(compiled, compiling, dropped);
  const kept: WrittenSchema = { member: 'jsonSchema', written: keepJsonSchema(schema, path, use, keeping) };
  return keeping.names.length < compiling.names.length
    ? named(kept, keeping, dropped)
    : named(compiled, compiling, dropped);
}

function named(written: WrittenSchema, lost: DroppedFields, dropped: DroppedFields): WrittenSchema {
  for (const name of lost.names) dropped.add(name);
  return written;
}
