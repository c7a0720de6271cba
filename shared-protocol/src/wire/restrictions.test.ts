import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkRestrictions, type RequestFacts } from '../policy/check-restrictions.ts';
import { restrictionsSchema } from './restrictions.ts';

const facts: RequestFacts = {
  model: 'gpt-4o',
  now: Date.parse('2026-11-21T00:00:00.000Z'),
  offlineSeconds: 5,
};
const decide = (restrictions: unknown) => checkRestrictions(restrictionsSchema.parse(restrictions), facts);

describe('restrictions', () => {
  test('none lets everything pass', () => expect(decide([])).toBeUndefined());

  test.each([
    [[{ type: 'models', allow: ['gpt-4o'] }], undefined],
    [[{ type: 'models', allow: ['gpt-4o-mini'] }], 'model_not_allowed'],
    [[{ type: 'models', allow: [] }], 'model_not_allowed'],
    [[{ type: 'expires', at: '2026-11-21T00:00:00.001Z' }], undefined],
    [[{ type: 'expires', at: '2026-11-21T00:00:00.000Z' }], 'expired'],
    [[{ type: 'max_offline', seconds: 5 }], undefined],
    [[{ type: 'max_offline', seconds: 4 }], 'offline_too_long'],
  ])('%j gives %s', (restrictions, denial) => expect(decide(restrictions)).toBe(denial));

  test('promise 4: one that this version does not know denies, whatever it carries', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 1, maxLength: 20 }),
        fc.dictionary(fc.string(), fc.jsonValue()),
        (type, fields) => {
          fc.pre(!['models', 'expires', 'max_offline'].includes(type));
          expect(decide([{ ...fields, type }])).toBe('unknown_restriction');
        },
      ),
    );
  });

  test.each([
    [[{ type: 'models' }]],
    [[{ type: 'models', allow: 'gpt-4o' }]],
    [[{ type: 'expires', at: 'tomorrow' }]],
    [[{ type: 'max_offline', seconds: 0 }]],
    [[{}]],
    [['models']],
  ])('a malformed known one is refused, not ignored: %j', (restrictions) => {
    expect(restrictionsSchema.safeParse(restrictions).success).toBe(false);
  });
});
