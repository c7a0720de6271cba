import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CacheUnit, createPromptCache } from './prompt-cache.ts';
import { createStateSigner } from './state-signer.ts';

const unit = (content: string, keep?: '5m' | '1h'): CacheUnit => ({ content, tokens: 10, keep });

describe('the prompt cache', () => {
  it('charges each lifetime apart, and reads what lives', () => {
    let now = 0;
    const { use } = createPromptCache(() => now);
    const units = [unit('a', '1h'), unit('b', '5m'), unit('c')];
    expect(use('m', units)).toEqual({ read: 0, write5m: 10, write1h: 10 });
    expect(use('m', units)).toEqual({ read: 20, write5m: 0, write1h: 0 });
    now = 6 * 60_000;
    expect(use('m', units)).toEqual({ read: 10, write5m: 10, write1h: 0 });
    expect(use('other', units)).toEqual({ read: 0, write5m: 10, write1h: 10 });
  });

  it('reads a prefix whose mark has moved on, and nothing after a change', () => {
    const { use } = createPromptCache(() => 0);
    use('m', [unit('a'), unit('b', '5m')]);
    expect(use('m', [unit('a'), unit('b'), unit('c', '5m')])).toEqual({ read: 20, write5m: 10, write1h: 0 });
    expect(use('m', [unit('x'), unit('b'), unit('c', '5m')])).toEqual({ read: 0, write5m: 30, write1h: 0 });
  });
});

describe('the signer', () => {
  const signer = createStateSigner('one');

  it('opens what it sealed and knows its own signatures', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(signer.open(signer.seal(text))).toBe(text);
        expect(signer.isSignatureOf(signer.sign(text), text)).toBe(true);
      }),
    );
  });

  it('refuses all else, and another secret', () => {
    fc.assert(fc.property(fc.string(), (text) => signer.open(text) === undefined));
    const other = createStateSigner('two');
    expect(other.open(signer.seal('x'))).toBeUndefined();
    expect(other.isSignatureOf(signer.sign('x'), 'x')).toBe(false);
    expect(signer.isSignatureOf(signer.sign('x'), 'y')).toBe(false);
  });
});
