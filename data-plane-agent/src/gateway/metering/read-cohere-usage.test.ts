import { costOf } from '@bonito/protocol';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readCohereUsage } from './read-cohere-usage.ts';
import { readMediaUsage } from './read-media-usage.ts';

const sum = (counts: object | undefined) =>
  Object.values(counts ?? {}).reduce((total: number, count: number) => total + count, 0);

it('counts every token once', () => {
  const count = fc.nat(1_000_000);
  fc.assert(
    fc.property(count, count, count, (input_tokens, output_tokens, cached_tokens) => {
      const billed_units = { input_tokens: 1, output_tokens: 1 };
      const counts = readCohereUsage({
        tokens: { input_tokens, output_tokens },
        billed_units,
        cached_tokens,
      });
      expect(sum(counts)).toBe(input_tokens + output_tokens);
    }),
  );
});

it.each([
  [{ billed_units: { input_tokens: 4, output_tokens: 5 } }, { input: 4, output: 5 }],
  [{ billed_units: { input_tokens: 4, image_tokens: 6 } }, { input: 4, image_input: 6 }],
  [{ billed_units: { search_units: 1 } }, { searches: 1 }],
  [{ billed_units: { search_units: 0 } }, {}],
  [{ billed_units: { search_units: 2 }, tokens: { input_tokens: 900 } }, { searches: 2 }],
  [{ billed_units: { search_units: 0 }, tokens: { input_tokens: 900, output_tokens: 0 } }, { input: 900 }],
  [{ tokens: { input_tokens: -1, output_tokens: 'x' } }, undefined],
  [{}, undefined],
  [null, undefined],
])('%j', (usage, counts) => {
  expect(readCohereUsage(usage)).toEqual(counts);
});

it.each([
  [{ input_tokens: 35, output_tokens: 22 }, 35 * 10 + 22 * 20],
  [{ output_tokens: 22 }, 1_453 * 10 + 22 * 20],
  [undefined, 1_453 * 10 + 33 * 20],
])('costs what is billed: %j', (billed_units, nanos) => {
  const tokens = { input_tokens: 1_453, output_tokens: 33 };
  const counts = readCohereUsage({ tokens, billed_units, cached_tokens: 1_424 });
  expect(counts).toMatchObject({ input: 29, cache_read: 1_424, output: 33 });
  const per_million = { input: 10_000_000, output: 20_000_000 };
  expect(costOf(counts ?? {}, { revision: '1', per_million })).toBe(nanos);
});

it('counts every token of a picture, a transcript or speech once', () => {
  const count = fc.nat(1_000_000);
  fc.assert(
    fc.property(
      count,
      count,
      count,
      fc.constantFrom('text' as const, 'image' as const, 'audio' as const),
      (input_tokens, output_tokens, audio_tokens, output) => {
        const usage = { type: 'tokens', input_tokens, output_tokens, input_token_details: { audio_tokens } };
        expect(sum(readMediaUsage(usage, output))).toBe(input_tokens + output_tokens);
      },
    ),
  );
});
