import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { costOf, listFor, type Price, UNPRICED } from './price.ts';
import {
  addTokens,
  BILLED,
  inputTokens,
  outputTokens,
  SERVED_GEOGRAPHY,
  SERVED_TIER,
  type ServedCounts,
  TOKEN_CLASSES,
  tokenCountsSchema,
  UNIT_CLASSES,
} from './tokens.ts';

const counts = fc.record(
  Object.fromEntries(TOKEN_CLASSES.map((name) => [name, fc.nat(1_000_000_000)])) as Record<
    (typeof TOKEN_CLASSES)[number],
    fc.Arbitrary<number>
  >,
  { requiredKeys: [] },
);
const price = (per_million: Price['per_million']): Price => ({ revision: '1', per_million });

describe('tokens and what they cost', () => {
  test.each([
    [{ input: 1_000_000 }, price({ input: 2_500_000_000 }), 2_500_000_000],
    [{ input: 1 }, price({ input: 37_500_000 }), 38],
    [{ input: 1 }, price({ input: 499_999 }), 0],
    [{ cache_read: 1_000_000, input: 1_000_000 }, price({ input: 10, cache_read: 1 }), 11],
    [{ cache_read: 1_000_000 }, price({ input: 10 }), 10],
    [{ reasoning: 1_000_000, output: 1_000_000 }, price({ output: 7 }), 14],
    [{ input: 5 }, price({}), 0],
  ])('%j at %j costs %d nano-USD', (tokens, list, nanos) => expect(costOf(tokens, list)).toBe(nanos));

  test('what is billed costs something, not what was used besides', () => {
    const list = price({ input: 10_000_000, output: 20_000_000 });
    const used = { input: 700, cache_read: 60, output: 9, [BILLED]: { input: 5, output: 7 } };
    expect(costOf(used, list)).toBe(190);
    expect(listFor({ ...used, searches: 1 }, list)).toBe(list);
    const sum = addTokens(used, { input: 1, output: 2 });
    expect([inputTokens(sum), costOf(sum, list)]).toEqual([761, 240]);
  });

  test('the figure is exact, however large', () => {
    fc.assert(
      fc.property(counts, fc.nat(2_000_000_000), fc.nat(2_000_000_000), (tokens, input, output) => {
        const exact =
          BigInt(inputTokens(tokens)) * BigInt(input) + BigInt(outputTokens(tokens)) * BigInt(output);
        expect(BigInt(costOf(tokens, price({ input, output })))).toBe((exact + 500_000n) / 1_000_000n);
      }),
    );
  });

  test('every class is on exactly one side, and sums keep them apart', () => {
    fc.assert(
      fc.property(counts, counts, (a, b) => {
        const sum = addTokens(a, b);
        for (const name of TOKEN_CLASSES) expect(sum[name] ?? 0).toBe((a[name] ?? 0) + (b[name] ?? 0));
        const all = TOKEN_CLASSES.reduce((total, name) => total + (sum[name] ?? 0), 0);
        expect(inputTokens(sum) + outputTokens(sum)).toBe(all);
      }),
    );
  });

  test.each([[{ input: -1 }], [{ input: 1.5 }], [{ input: '1' }], [{ tokens: 1 }]])(
    '%j is refused',
    (value) => {
      expect(tokenCountsSchema.safeParse(value).success).toBe(false);
    },
  );
});

describe('a price with thresholds', () => {
  const price = {
    revision: 'r',
    per_million: { input: 1_000_000, output: 2_000_000 },
    thresholds: [
      { above_input_tokens: 100, per_million: { input: 2_000_000, output: 4_000_000 } },
      { above_input_tokens: 200, per_million: { input: 3_000_000, output: 6_000_000 } },
    ],
  };

  test.each([
    [{ input: 100, output: 10 }, 120],
    [{ input: 101, output: 10 }, 242],
    [{ input: 1, cache_read: 100, output: 10 }, 242],
    [{ input: 201, output: 10 }, 663],
    // Output does not make a request long.
    [{ input: 1, output: 1_000 }, 2_001],
  ])('bills the whole request by all of its input: %j', (tokens, nanos) => {
    expect(costOf(tokens, price)).toBe(nanos);
  });
});

describe('the list that usage is billed by', () => {
  const flex = { tier: 'flex', revision: 'f', per_million: { input: 1 } };
  const both = { tier: 'flex', geography: 'us', revision: 'fu', per_million: { input: 2 } };
  const cache = { tier: 'cache', revision: 'c', per_million: { input: 1, cache_write: 2 } };
  const price: Price = {
    revision: 's',
    per_million: { input: 4, searches: 5 },
    variants: [flex, both, cache],
  };

  test.each<[string, ServedCounts, string | undefined, string]>([
    ['the standard one', { input: 1 }, undefined, 's'],
    ['the standard one by any of its words', { input: 1, [SERVED_TIER]: 'default' }, 'flex', 's'],
    ['the served tier’s', { input: 1, [SERVED_TIER]: 'flex' }, undefined, 'f'],
    ['the asked tier’s where nothing else is known', { input: 1 }, 'flex', 'f'],
    [
      'that of tier and geography',
      { input: 1, [SERVED_TIER]: 'flex', [SERVED_GEOGRAPHY]: 'us' },
      undefined,
      'fu',
    ],
    ['the standard one anywhere', { input: 1, [SERVED_GEOGRAPHY]: 'global' }, undefined, 's'],
    ['none for a tier without figures', { input: 1, [SERVED_TIER]: 'scale' }, undefined, 'unpriced'],
    ['none for a geography without figures', { input: 1, [SERVED_GEOGRAPHY]: 'us' }, undefined, 'unpriced'],
    ['none where a class has no figure', { input: 1, output: 1 }, undefined, 'unpriced'],
    [
      'none where the hour of a cache has no figure beside the minutes',
      { cache_write_1h: 1 },
      'cache',
      'unpriced',
    ],
    ['the one with a figure for a unit', { searches: 1 }, undefined, 's'],
    ['none where the tier has no figure for the unit', { searches: 1 }, 'flex', 'unpriced'],
    ['the standard one where nothing was used', { output: 0 }, undefined, 's'],
  ])('is %s', (_name, counts, asked, revision) => {
    expect(listFor(counts, price, asked).revision).toBe(revision);
  });

  test('is the price itself where it knows no tiers', () => {
    const plain: Price = { revision: 'p', per_million: { input: 1, output: 1 } };
    expect(listFor({ input: 1, reasoning: 2, [SERVED_TIER]: 'priority' }, plain)).toBe(plain);
    expect(listFor({ images: 1 }, plain)).toBe(UNPRICED);
  });

  test('nothing stands in for the price of a unit', () => {
    for (const name of UNIT_CLASSES) {
      expect(costOf({ [name]: 3, input: 1_000_000 }, { revision: 'r', per_million: { input: 7 } })).toBe(7);
      expect(costOf({ [name]: 3 }, { revision: 'r', per_million: { [name]: 2_000_000 } })).toBe(6);
    }
  });
});
