import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatUsd, parseUsd } from './money.ts';

describe('money', () => {
  test.each([
    ['2.50', 2_500_000_000],
    ['0.000000001', 1],
    ['10', 10_000_000_000],
    ['0', 0],
  ])('%s USD is %d nano-USD', (text, nanos) => expect(parseUsd(text)).toBe(nanos));

  test.each(['', '-1', '1.', '.5', '1e3', '0.0000000001', '1,5', 'NaN', '99999999999', ' 1'])(
    '%j is refused',
    (text) => {
      expect(() => parseUsd(text)).toThrow(RangeError);
    },
  );

  test('what is written is read again', () => {
    fc.assert(
      fc.property(fc.nat({ max: Number.MAX_SAFE_INTEGER }), (nanos) => {
        expect(parseUsd(formatUsd(nanos))).toBe(nanos);
      }),
    );
  });
});
