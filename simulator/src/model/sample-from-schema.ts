import { isRecord } from '../json-value.ts';

const deepest = 16;

const samples: Record<string, unknown> = {
  string: 'sample',
  number: 1.5,
  integer: 1,
  boolean: true,
  null: null,
};

/** A fixed value that fits a JSON schema of the simple kind: types, enumerations, properties, items, anyOf. */
export function sampleFromSchema(schema: unknown, depth = 0): unknown {
  if (!isRecord(schema) || depth > deepest) return null;
  if ('const' in schema) return schema.const;
  if (Array.isArray(schema.enum)) return schema.enum[0];
  if (Array.isArray(schema.anyOf)) return sampleFromSchema(schema.anyOf[0], depth + 1);
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  if (type === 'array') return schema.items === undefined ? [] : [sampleFromSchema(schema.items, depth + 1)];
  if (type === 'object' || isRecord(schema.properties)) {
    const properties = isRecord(schema.properties) ? schema.properties : {};
    return Object.fromEntries(
      Object.entries(properties).map(([name, property]) => [name, sampleFromSchema(property, depth + 1)]),
    );
  }
  return samples[String(type)] ?? null;
}
