import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LineBuffer } from './line-buffer.ts';
import { formatLine } from './line-format.ts';

test('holds the lines that were added since it was cleared, however long', () => {
  const payload = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.tuple(fc.constantFrom('a', 'ä', '€'), fc.nat(90_000)).map(([one, count]) => one.repeat(count)),
  );
  fc.assert(
    fc.property(fc.array(fc.array(payload, { maxLength: 6 }), { maxLength: 4 }), (turns) => {
      const lines = new LineBuffer();
      for (const payloads of turns) {
        for (const one of payloads) lines.add(one);
        const expected = Buffer.from(payloads.map(formatLine).join(''));
        expect(expected.equals(lines.content())).toBe(true);
        lines.clear();
      }
    }),
  );
});
