import { describe, expect, it } from 'vitest';
import { DroppedFields } from '../../chat/dropped-fields.ts';
import { compileSchema, isRecursive } from './compile-schema.ts';

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

describe('what is refused is said otherwise, or left out and named', () => {
  const text = { type: 'string' };
  const closed = { type: 'object', additionalProperties: false };
  it.each([
    ['one of several', { oneOf: [text, { type: 'null' }] }, { anyOf: [text, { type: 'null' }] }, ['.oneOf']],
    [
      'what tells alternatives apart',
      { anyOf: [text], discriminator: { propertyName: 'kind' } },
      { anyOf: [text] },
      ['.discriminator'],
    ],
    [
      'a type of all alternatives',
      { type: 'object', additionalProperties: false, anyOf: [{ properties: { b: text } }, { type: 'null' }] },
      { anyOf: [{ ...closed, properties: { b: text } }, { type: 'null' }] },
      [],
    ],
    [
      'alternatives beside members',
      { type: 'object', properties: { b: text }, anyOf: [{ required: ['b'] }] },
      { ...closed, properties: { b: text } },
      ['.anyOf'],
    ],
    [
      'all of several',
      {
        description: 'Both.',
        allOf: [{ $ref: '#/$defs/d' }, { type: 'object', properties: { c: text }, required: ['c'] }],
      },
      { description: 'Both.', ...closed, properties: { b: text, c: text }, required: ['b', 'c'] },
      [],
    ],
    [
      'an enumeration of several types',
      { type: ['string', 'null'], enum: ['x', null] },
      { enum: ['x', null] },
      [],
    ],
    ['anything', { title: 'Any' }, { title: 'Any', type: ['string', 'number', 'boolean', 'null'] }, ['']],
    ['what it may not be', { not: text }, { type: ['string', 'number', 'boolean', 'null'] }, ['.not', '']],
    ['a list by places', { type: 'array', items: [text] }, { type: 'array' }, ['.items']],
    ['a least number of members', { ...closed, minItems: 1 }, closed, ['.minItems']],
    [
      'conditions',
      { ...closed, properties: { b: text }, if: { required: ['b'] }, dependentRequired: { b: ['c'] } },
      { ...closed, properties: { b: text } },
      ['.if', '.dependentRequired'],
    ],
  ])('%s', (_name, given, written, names) => {
    const $defs = { d: { type: 'object', properties: { b: text }, required: ['b'] } };
    const { schema, dropped } = compile({ type: 'object', properties: { a: given }, $defs });
    expect(schema.properties).toEqual({ a: written });
    expect(dropped).toEqual(names.map((name) => `s.properties.a${name}`));
  });

  it.each([
    [
      'by its definitions',
      { $defs: { a: { items: { $ref: '#/$defs/b' } }, b: { $ref: '#/$defs/a' } } },
      true,
    ],
    ['by its root', { properties: { child: { $ref: '#' } } }, true],
    [
      'not when it is used twice',
      { anyOf: [{ $ref: '#/$defs/a' }, { $ref: '#/$defs/a' }], $defs: { a: {} } },
      false,
    ],
    ['not in data', { properties: { a: { const: { $ref: '#' } } } }, false],
  ])('it leads back to itself %s', (_name, schema, leadsBack) => {
    expect(isRecursive(schema)).toBe(leadsBack);
  });
});
