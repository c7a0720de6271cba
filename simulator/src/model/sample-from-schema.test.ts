import { expect, it } from 'vitest';
import { sampleFromSchema } from './sample-from-schema.ts';

it('gives a value of the schema', () => {
  const schema = {
    type: 'object',
    properties: {
      city: { type: 'string' },
      unit: { enum: ['celsius', 'fahrenheit'] },
      days: { type: 'array', items: { type: 'integer' } },
      near: { anyOf: [{ type: 'boolean' }, { type: 'null' }] },
      fixed: { const: 7 },
      maybe: { type: ['number', 'null'] },
    },
  };
  expect(sampleFromSchema(schema)).toEqual({
    city: 'sample',
    unit: 'celsius',
    days: [1],
    near: true,
    fixed: 7,
    maybe: 1.5,
  });
});

it('ends on a schema that holds itself', () => {
  const schema: Record<string, unknown> = { type: 'object' };
  schema.properties = { self: schema };
  expect(JSON.stringify(sampleFromSchema(schema))).toContain('null');
});
