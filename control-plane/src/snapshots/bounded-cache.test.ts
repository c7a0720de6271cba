import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createBoundedCache } from './bounded-cache.ts';

it('never weighs more than its limit, and forgets what was not used for longest', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), fc.integer({ min: 1, max: 9 }))),
      (writes) => {
        const cache = createBoundedCache<number>(12, (weight) => weight);
        for (const [key, weight] of writes) {
          cache.set(key, weight);
          expect(cache.get(key)).toBe(weight);
          const weights = ['a', 'b', 'c', 'd'].map((name) => cache.get(name) ?? 0);
          expect(weights.reduce((sum, each) => sum + each)).toBeLessThanOrEqual(12);
        }
      },
    ),
  );
  const cache = createBoundedCache<number>(2);
  cache.set('a', 1);
  cache.set('b', 2);
  cache.get('a');
  cache.set('c', 3);
  expect([cache.get('a'), cache.get('b'), cache.get('c'), cache.size]).toEqual([1, undefined, 3, 2]);
});
