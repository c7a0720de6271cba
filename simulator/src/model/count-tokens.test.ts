import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countMessageTokens, countTokens, splitTokens } from './count-tokens.ts';

const texts = fc.oneof(fc.string(), fc.stringMatching(/^[ab \n]{0,30}$/));

describe('tokens', () => {
  it('counts words', () => {
    expect(countTokens(' one  two\nthree ')).toBe(3);
    expect(countTokens(' \n')).toBe(0);
  });

  it('splits into pieces that join to the same text', () => {
    fc.assert(
      fc.property(texts, (text) => {
        expect(splitTokens(text).join('')).toBe(text);
      }),
    );
  });

  it('splits into as many pieces as it counts, for a text with a word', () => {
    fc.assert(
      fc.property(texts, (text) => {
        fc.pre(countTokens(text) > 0);
        expect(splitTokens(text)).toHaveLength(countTokens(text));
      }),
    );
  });

  it('counts one for each message and 100 for each part that is not text', () => {
    const parts = [{ type: 'text', text: 'what is this' }, { type: 'image_url' }];
    expect(countMessageTokens([{ content: 'be brief' }, { content: parts }, { content: null }])).toBe(
      3 + 2 + 103,
    );
  });
});
