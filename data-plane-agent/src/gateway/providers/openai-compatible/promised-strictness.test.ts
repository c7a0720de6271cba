import { describe, expect, it } from 'vitest';
import { DroppedFields } from '../../chat/dropped-fields.ts';
import { promisedStrictness } from './promised-strictness.ts';

const text = { type: 'string' };
const closed = { type: 'object', additionalProperties: false };
const whole = { ...closed, properties: { a: text }, required: ['a'] };
const loose = { ...closed, properties: { a: text, b: text }, required: ['a'] };

describe('a schema is promised to be kept to', () => {
  it.each<[string, NonNullable<Parameters<typeof promisedStrictness>[1]>, boolean]>([
    ['where all members are needed', whole, true],
    ['not where one may be left out', loose, false],
    ['nor further in', { ...whole, properties: { a: { type: 'array', items: loose } } }, false],
    ['nor in a definition', { ...whole, $defs: { loose } }, false],
    ['whatever is said as data', { ...whole, properties: { a: { const: loose } } }, true],
    [
      'whatever a member is called',
      { ...whole, properties: { properties: text }, required: ['properties'] },
      true,
    ],
  ])('%s', (_name, schema, kept) => {
    const dropped = new DroppedFields('openai-chat');
    expect(promisedStrictness({ strict: true, optionalMembers: true }, schema, 'p', dropped)).toBe(kept);
    expect(dropped.names).toEqual(kept ? [] : ['p']);
  });

  it.each([{ strict: undefined }, { strict: false, optionalMembers: true }, { strict: true }])(
    'as asked by %o',
    (promise) => {
      const dropped = new DroppedFields('openai-chat');
      expect(promisedStrictness(promise, loose, 'p', dropped)).toBe(promise.strict);
      expect(dropped.names).toEqual([]);
    },
  );
});
