import fc from 'fast-check';
import { expect, it } from 'vitest';
import { retryDelay } from './retry-delay.ts';

const policy = { baseMs: 100, capMs: 1_000 };

it('doubles, with jitter, up to the cap', () => {
  expect([1, 2, 3, 10].map((tries) => retryDelay(policy, tries, undefined, 0))).toEqual([50, 100, 200, 500]);
  expect(retryDelay(policy, 1, undefined, 0.5)).toBe(75);
});

it('waits as long as the provider asks, unless that is too long', () => {
  expect(retryDelay(policy, 1, 700, 0)).toBe(700);
  expect(retryDelay(policy, 1, 1_001, 0)).toBeUndefined();
});

it('never passes the cap', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1_000 }),
      fc.option(fc.nat(10_000), { nil: undefined }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (tries, retryAfter, fraction) => {
        const delay = retryDelay(policy, tries, retryAfter, fraction);
        expect(delay === undefined || (delay > 0 && delay <= policy.capMs)).toBe(true);
      },
    ),
  );
});
