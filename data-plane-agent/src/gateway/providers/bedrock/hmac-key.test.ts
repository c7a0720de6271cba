import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { HmacKey } from './hmac-key.ts';

it('is what node makes, for every key and text', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 150 }),
      fc.string({ unit: 'binary', maxLength: 200 }),
      (key, text) => {
        const expected = createHmac('sha256', key).update(text).digest('hex');
        const made = new HmacKey(Buffer.from(key));
        expect(made.hexDigest(text)).toBe(expected);
        expect(made.digest(text).toString('hex')).toBe(expected);
      },
    ),
  );
});
