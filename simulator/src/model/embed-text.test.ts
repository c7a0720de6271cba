import { describe, expect, it } from 'vitest';
import { embedText } from './embed-text.ts';

function cosine(left: string, right: string): number {
  const other = embedText(right, 256);
  return embedText(left, 256).reduce((sum, value, index) => sum + value * (other[index] ?? 0), 0);
}

describe('embedText', () => {
  it.each(['', 'one', 'many words in one text', 'x '.repeat(5000)])(
    'gives a unit vector for "%.20s"',
    (text) => {
      expect(Math.hypot(...embedText(text, 64))).toBeCloseTo(1, 5);
    },
  );

  it('is the same for the same text', () => {
    expect(embedText('same', 8)).toEqual(embedText('same', 8));
  });

  it('puts texts that share words near each other', () => {
    expect(cosine('the cat sat', 'the cat ran')).toBeGreaterThan(
      cosine('the cat sat', 'stock prices fell') + 0.3,
    );
  });
});
