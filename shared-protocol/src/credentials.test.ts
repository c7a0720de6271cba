import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatAgentToken, maskCredential, newSecret, parseAgentToken } from './credentials.ts';
import { idSchema, newId } from './ids.ts';

describe('credentials and ids', () => {
  test('a token says its organization and the root fingerprint', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.uint8Array({ minLength: 32, maxLength: 32 }), (organization, root) => {
        const rootFingerprint = Buffer.from(root).toString('base64url');
        expect(parseAgentToken(formatAgentToken({ organization, rootFingerprint }))).toEqual({
          organization,
          rootFingerprint,
        });
      }),
    );
  });

  test.each(['', 'bt-', 'bn-abc', `bt-${'A'.repeat(108)}`, `bt-${'A'.repeat(107)}`, `bt-${'!'.repeat(108)}`])(
    '%j is not a token',
    (text) => expect(parseAgentToken(text)).toBeUndefined(),
  );

  test('secrets carry 256 bits behind their prefix and never repeat', () => {
    expect(newSecret('bn-')).toMatch(/^bn-[A-Za-z0-9_-]{43}$/);
    expect(newSecret('bn-')).not.toBe(newSecret('bn-'));
  });

  test('a masked credential gives nothing away', () => {
    expect(maskCredential('bn-secretsecretsecretABCD')).toBe('bn-***ABCD');
    expect(maskCredential('short')).toBe('***');
  });

  test('ids are UUIDs that sort by time', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 40), fc.nat(2 ** 40), (a, b) => {
        const [first, second] = [newId(a), newId(b)];
        expect(idSchema.safeParse(first).success).toBe(true);
        expect(first[14]).toBe('7');
        expect('89ab').toContain(first[19]);
        if (a !== b) expect(first < second).toBe(a < b);
      }),
    );
  });
});
