import { expect, it } from 'vitest';
import { DroppedFields } from '../../chat/dropped-fields.ts';
import { compileSchema } from './compile-schema.ts';

const compile = (schema: Record<string, unknown>) => {
  const dropped = new DroppedFields('anthropic-messages');
  return { schema: compileSchema(schema, 's', dropped), dropped: dropped.names };
};

it('closes objects, wherever they stand, and names the limits that cannot be promised', () => {
  const schema = {
    type: 'object',
    properties: {
      age: { type: 'integer', minimum: 0 },
      tags: { type: 'array', minItems: 1, maxItems: 3, items: { type: 'object', properties: {} } },
    },
    anyOf: [{ $ref: '#/$defs/a' }],
    $defs: { a: { type: ['object', 'null'], additionalProperties: { type: 'string' } } },
  };
  expect(compile(schema)).toEqual({
    schema: {
      type: 'object',
      properties: {
        age: { type: 'integer' },
        tags: {
          type: 'array',
          minItems: 1,
          items: { type: 'object', properties: {}, additionalProperties: false },
        },
      },
      anyOf: [{ $ref: '#/$defs/a' }],
      $defs: { a: { type: ['object', 'null'], additionalProperties: false } },
      additionalProperties: false,
    },
    dropped: ['s.properties.age.minimum', 's.properties.tags.maxItems', 's.$defs.a.additionalProperties'],
  });
});

it('never touches data, nor properties that are named like keywords', () => {
  const schema = {
    type: 'object',
    properties: { minimum: { const: { minimum: 1 }, default: { maxLength: 2 }, enum: [{ type: 'object' }] } },
    additionalProperties: false,
  };
  expect(compile(schema)).toEqual({ schema, dropped: [] });
});
