import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StateSeal } from './state-seal.ts';

const seal = new StateSeal(Buffer.alloc(32, 1));
const owner = { deploymentId: 'd1', keyId: 'k1' };

describe('StateSeal', () => {
  it('gives a piece back to its own deployment and key, and to nobody else', () => {
    fc.assert(
      fc.property(fc.string(), fc.string({ minLength: 1 }), (value, id) => {
        const sealed = seal.seal(value, owner);
        expect(seal.open(sealed, owner)).toEqual({ kind: 'own', value });
        expect(seal.open(sealed, { ...owner, deploymentId: 'd2' }).kind).toBe('other_deployment');
        expect(seal.open(sealed, { ...owner, keyId: 'k2' }).kind).toBe('other_owner');
        expect(new StateSeal(Buffer.alloc(32, 2)).open(sealed, owner).kind).toBe('forged');
        fc.pre(!id.includes('--bo1-'));
        const inId = seal.sealIntoId(id, value, owner);
        expect(seal.openId(inId, owner)).toEqual({ id, state: { kind: 'own', value } });
        expect(inId.slice(id.length)).toMatch(/^[A-Za-z0-9_-]+$/);
      }),
    );
  });

  it('takes nothing for its own that was changed, and never fails', () => {
    const sealed = seal.seal('signature', owner);
    fc.assert(
      fc.property(fc.nat(sealed.length - 1), fc.constantFrom('A', 'b', '_', '.'), (at, letter) => {
        const changed = sealed.slice(0, at) + letter + sealed.slice(at + 1);
        fc.pre(changed !== sealed);
        expect(seal.open(changed, owner).kind).not.toBe('own');
      }),
    );
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(seal.open(text, owner).kind).not.toBe('own');
        expect(seal.openId(text, owner)).toEqual({ id: text, state: undefined });
        expect(seal.openId(`x--bo1-${text}`, owner).state).toBeUndefined();
      }),
    );
  });
});
