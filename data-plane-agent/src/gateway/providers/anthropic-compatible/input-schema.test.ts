import { describe, expect, it } from 'vitest';
import { DroppedFields } from '../../chat/dropped-fields.ts';
import type { JsonObject } from '../../chat/wire.ts';
import { inputSchema } from './input-schema.ts';

function write(schema: JsonObject) {
  const dropped = new DroppedFields('anthropic-messages');
  const written = inputSchema(schema, 'parameters', dropped);
  return [JSON.parse(JSON.stringify(written)), dropped.names];
}
const id = { type: 'string' };
const kind = (name: string) => ({ const: name });

describe('the schema of a tool', () => {
  it.each<[string, JsonObject, JsonObject, string[]]>([
    ['an object', { type: 'object', properties: { id } }, { type: 'object', properties: { id } }, []],
    ['one without a type', { properties: { id } }, { type: 'object', properties: { id } }, []],
    [
      'alternatives',
      {
        oneOf: [
          { type: 'object', properties: { kind: kind('a'), id }, required: ['kind', 'id'] },
          { type: 'object', properties: { kind: kind('b'), query: id }, required: ['kind', 'query'] },
        ],
      },
      {
        type: 'object',
        properties: { kind: { anyOf: [kind('a'), kind('b')] }, id, query: id },
        required: ['kind'],
      },
      ['parameters.oneOf'],
    ],
    [
      'all of several, beside members of its own',
      {
        type: 'object',
        description: 'd',
        properties: { own: id },
        required: ['own'],
        allOf: [{ properties: { one: id }, required: ['one'] }, { properties: { two: id } }, true],
      },
      {
        type: 'object',
        description: 'd',
        properties: { own: id, one: id, two: id },
        required: ['own', 'one'],
      },
      ['parameters.allOf'],
    ],
    [
      'alternatives of nothing in common',
      { anyOf: [{ required: ['a'] }, { required: ['b'] }], properties: { a: id, b: id } },
      { type: 'object', properties: { a: id, b: id } },
      ['parameters.anyOf'],
    ],
  ])('%s', (_name, schema, expected, dropped) => {
    expect(write(schema)).toEqual([expected, dropped]);
  });
});
