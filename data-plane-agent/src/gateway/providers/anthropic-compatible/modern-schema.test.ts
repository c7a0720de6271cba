import { describe, expect, it } from 'vitest';
import { modernSchema } from './modern-schema.ts';

const text = { type: 'string' };
const count = { type: 'integer' };

describe('a schema of an older draft', () => {
  it.each([
    [
      'a list by places',
      { type: 'array', items: [text, count] },
      { type: 'array', prefixItems: [text, count] },
    ],
    [
      'a list by places, and nothing after them',
      { items: [text], additionalItems: false },
      { prefixItems: [text], items: false },
    ],
    ['an exclusive bound', { minimum: 0, exclusiveMinimum: true }, { exclusiveMinimum: 0 }],
    ['a bound that is not', { maximum: 9, exclusiveMaximum: false }, { maximum: 9 }],
    ['a bound of nothing', { exclusiveMinimum: true }, {}],
    ['a bound as it is now', { exclusiveMinimum: 1 }, { exclusiveMinimum: 1 }],
    [
      'members that are needed',
      { properties: { b: { ...text, required: true }, c: { ...text, required: false } }, required: ['d'] },
      { properties: { b: text, c: text }, required: ['d', 'b'] },
    ],
    ['its draft', { $schema: 'http://json-schema.org/draft-07/schema#', ...text }, text],
    [
      'the draft of today',
      { $schema: 'https://json-schema.org/draft/2020-12/schema' },
      { $schema: 'https://json-schema.org/draft/2020-12/schema' },
    ],
    [
      'data',
      { const: { items: [1] }, enum: [{ required: true }] },
      { const: { items: [1] }, enum: [{ required: true }] },
    ],
  ])('%s', (_name, given, written) => {
    const wrap = (schema: object) => ({
      type: 'object',
      properties: { a: { anyOf: [schema, { items: schema }] } },
    });
    const before = structuredClone(wrap(given));
    expect(modernSchema(before)).toEqual(wrap(written));
    expect(before).toEqual(wrap(given));
  });

  it('may name its members like keywords', () => {
    const schema = { properties: { items: { ...text, minLength: 1 }, required: { type: 'boolean' } } };
    expect(modernSchema(schema)).toEqual(schema);
  });
});
