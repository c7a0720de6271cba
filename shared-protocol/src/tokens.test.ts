import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  addTokens,
  costOf,
  inputTokens,
  outputTokens,
  type Price,
  TOKEN_CLASSES,
  tokenCountsSchema,
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
