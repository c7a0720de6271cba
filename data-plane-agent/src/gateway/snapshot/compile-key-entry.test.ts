import { keyEntrySchema } from '@bonito/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recognizeKeyEntry } from './compile-key-entry.ts';
import { testId } from './compile-test-sections.ts';

const hex = (length: number, digits = '0123456789abcdef') =>
  fc.string({ unit: fc.constantFrom(...digits), minLength: length, maxLength: length });
const id = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 0, max: 99 }).map((index) => testId(1, index)) },
  fc.constantFrom('', null, 'x'),
);
const time = fc.oneof(
  fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
  fc.constantFrom(
    '2026-02-30T00:00:00.000Z',
    '2026-01-01T24:00:00.000Z',
    '2026-01-01',
    '2026-01-01T00:00:00Z',
    7,
  ),
);
const name = fc.oneof(
  fc.constantFrom('gpt-4o', 'a/b:c@d+e', '-x', '', 'a\n', 'ä', 'a'.repeat(201)),
  fc.string(),
);
const restriction = fc.oneof(
  fc.record({ type: fc.constant('models'), allow: fc.array(name, { maxLength: 3 }) }),
  fc.record({ type: fc.constant('expires'), at: time, more: fc.boolean() }),
  fc.record({ type: fc.constant('max_offline'), seconds: fc.integer() }),
  fc.record({ type: fc.string() }),
  fc.constantFrom(null, 'models', []),
);
const entry = fc.oneof(
  {
    weight: 9,
    arbitrary: fc.record(
      {
        sha256: fc.oneof({ weight: 8, arbitrary: hex(64) }, hex(63), hex(64, '0123456789abcdefA')),
        key_id: id,
        team_id: id,
        route_id: id,
        restrictions: fc.oneof(fc.array(restriction, { maxLength: 4 }), fc.constantFrom({}, null)),
        later: fc.anything(),
      },
      { requiredKeys: ['sha256', 'key_id', 'restrictions'] },
    ),
  },
  fc.anything(),
);

describe('recognizing a key entry', () => {
  it('accepts nothing that its schema does not, and reads it the same', () => {
    let recognized = 0;
    fc.assert(
      fc.property(entry, (value) => {
        const found = recognizeKeyEntry(value);
        if (!found) return;
        recognized += 1;
        const { sha256, key_id, team_id, route_id, restrictions } = found;
        const parsed = keyEntrySchema.parse(value);
        const { sha256: parsedHash, key_id: parsedKey, ...rest } = parsed;
        expect([sha256, key_id, team_id, route_id]).toEqual([
          parsedHash,
          parsedKey,
          rest.team_id,
          rest.route_id,
        ]);
        expect(restrictions).toMatchObject(rest.restrictions);
      }),
      { numRuns: 3_000 },
    );
    expect(recognized).toBeGreaterThan(100);
  });

  it('leaves the rare forms to the schema', () => {
    const common = { sha256: 'a'.repeat(64), key_id: testId(1, 1) };
    expect(recognizeKeyEntry({ ...common, restrictions: [] })).toBeDefined();
    expect(recognizeKeyEntry({ ...common, restrictions: [{ type: 'new' }] })).toBeUndefined();
    expect(
      recognizeKeyEntry({ ...common, restrictions: Array(33).fill({ type: 'models', allow: [] }) }),
    ).toBeUndefined();
    expect(recognizeKeyEntry([])).toBeUndefined();
  });
});
