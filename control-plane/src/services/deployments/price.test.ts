import { TOKEN_CLASSES, type TokenClass } from '@bonito/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatPrice, isPrice, parsePrice, priceRevision } from './price.ts';

const nanos = fc.integer({ min: 0, max: 1_000_000 * 1_000_000_000 });
const figures = fc
  .dictionary(fc.constantFrom<TokenClass>(...TOKEN_CLASSES), nanos)
  .map((entries) => entries as { [Class in TokenClass]?: number });

describe('prices', () => {
  it('come back exactly as they were written', () => {
    fc.assert(
      fc.property(figures, (price) => {
        const text = formatPrice(price);
        expect(Object.values(text).every((figure) => isPrice(figure))).toBe(true);
        expect(parsePrice(text)).toEqual({ ...price });
      }),
    );
  });

  it('have a revision that changes with any figure, and with nothing else', () => {
    fc.assert(
      fc.property(figures, fc.constantFrom<TokenClass>(...TOKEN_CLASSES), nanos, (price, name, figure) => {
        const turned = Object.fromEntries(Object.entries(price).toReversed());
        expect(priceRevision(turned)).toBe(priceRevision(price));
        const changed = { ...price, [name]: figure };
        expect(priceRevision(changed) === priceRevision(price)).toBe(price[name] === figure);
      }),
    );
  });

  it('tell a class that costs nothing from one without a figure', () => {
    expect(priceRevision({ cache_read: 0 })).not.toBe(priceRevision({}));
  });

  it.each(['', '-1', '1e3', '1,5', '.5', '5.', '01', '1000000.000000001', '0.0000000001', ' 1', 'NaN'])(
    'are not written like %j',
    (text) => expect(isPrice(text)).toBe(false),
  );
});
