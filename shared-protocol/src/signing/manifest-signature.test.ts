import { describe, expect, test } from 'vitest';
import type { Manifest } from '../wire/manifest.ts';
import { issueChain, type KeyChain } from './key-chain.ts';
import { type ManifestExpectation, signManifest, verifyManifest } from './manifest-signature.ts';
import { generateSigningJwk, importSigningKey, type SigningAlgorithm } from './signing-keys.ts';

const organization = '01890000-0000-7000-8000-000000000001';
const manifest: Manifest = {
  organization,
  epoch: 2,
  revision: 5,
  protocol: 1,
  issued_at: '2026-11-21T08:00:00.000Z',
  sections: [{ name: 'settings', digest: 'a'.repeat(64), bytes: 2 }],
};

const newKey = async (algorithm: SigningAlgorithm = 'EdDSA') =>
  importSigningKey(await generateSigningJwk(algorithm));

async function signed(change: Partial<Manifest> = {}, generation = 2) {
  const root = await newKey();
  const signing = await newKey('ES256');
  const chain = await issueChain(root, signing, generation, '2026-11-21T08:00:00.000Z');
  const jws = await signManifest({ ...manifest, ...change }, signing, chain);
  const expected: ManifestExpectation = { organization, rootFingerprint: root.thumbprint, protocol: 1 };
  return { root, signing, chain, jws, expected };
}

const rejection = (promise: Promise<unknown>) =>
  promise.then(
    () => 'accepted',
    (error) => error.code,
  );

describe('promise 4: a manifest is believed from the pinned root down, or not at all', () => {
  test('a good one is accepted, again and again', async () => {
    const { jws, expected } = await signed();
    expect(await verifyManifest(jws, expected)).toEqual({ manifest, signingGeneration: 2 });
    expect(
      await rejection(
        verifyManifest(jws, { ...expected, atLeast: { epoch: 2, revision: 5 }, signingGeneration: 2 }),
      ),
    ).toBe('accepted');
  });

  test('another root', async () => {
    const { jws, expected } = await signed();
    const other = await newKey();
    expect(await rejection(verifyManifest(jws, { ...expected, rootFingerprint: other.thumbprint }))).toBe(
      'signing_key_untrusted',
    );
  });

  test('a signing key that the root never vouched for', async () => {
    const { chain, expected } = await signed();
    expect(
      await rejection(verifyManifest(await signManifest(manifest, await newKey('ES256'), chain), expected)),
    ).toBe('signature_invalid');
  });

  test('a certificate by another root, with the true root shown beside it', async () => {
    const { root, expected } = await signed();
    const attacker = await newKey();
    const forged = await issueChain(attacker, attacker, 9, '2026-11-21T08:00:00.000Z');
    const chain: KeyChain = {
      ...(await issueChain(root, root, 1, '2026-11-21T08:00:00.000Z')),
      certificate: forged.certificate,
    };
    expect(await rejection(verifyManifest(await signManifest(manifest, attacker, chain), expected))).toBe(
      'signing_key_untrusted',
    );
  });

  test('a manifest offered as a certificate', async () => {
    const { root, jws, expected } = await signed();
    const chain = { ...(await issueChain(root, root, 1, '2026-11-21T08:00:00.000Z')), certificate: jws };
    expect(await rejection(verifyManifest(await signManifest(manifest, root, chain), expected))).toBe(
      'signing_key_untrusted',
    );
  });

  test('a superseded signing key', async () => {
    const { jws, expected } = await signed();
    expect(await rejection(verifyManifest(jws, { ...expected, signingGeneration: 3 }))).toBe(
      'signing_key_untrusted',
    );
  });

  test.each([
    [{ organization: '01890000-0000-7000-8000-000000000002' }, {}, 'manifest_for_another_organization'],
    [{ protocol: 2 }, {}, 'protocol_unsupported'],
    [{}, { atLeast: { epoch: 2, revision: 6 } }, 'manifest_older'],
    [{ revision: 900 }, { atLeast: { epoch: 3, revision: 1 } }, 'manifest_older'],
    [{ epoch: 3, revision: 0 }, { atLeast: { epoch: 2, revision: 6 } }, 'accepted'],
    [{ sections: [...manifest.sections, ...manifest.sections] }, {}, 'manifest_malformed'],
  ])('%j held against %j: %s', async (change, expectation, result) => {
    const { jws, expected } = await signed(change);
    expect(await rejection(verifyManifest(jws, { ...expected, ...expectation }))).toBe(result);
  });

  test('any changed character', async () => {
    const { jws, expected } = await signed();
    for (let index = 0; index < jws.length; index += 37) {
      const changed = jws.slice(0, index) + (jws[index] === 'A' ? 'B' : 'A') + jws.slice(index + 1);
      expect(await rejection(verifyManifest(changed, expected))).not.toBe('accepted');
    }
  });

  test.each(['', 'a.b.c', 'eyJhbGciOiJub25lIn0.e30.'])('not a manifest: %j', async (jws) => {
    const { expected } = await signed();
    expect(await rejection(verifyManifest(jws, expected))).toBe('manifest_malformed');
  });
});
