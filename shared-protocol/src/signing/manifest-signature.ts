import { CompactSign, compactVerify, decodeProtectedHeader, importJWK } from 'jose';
import { ProtocolError } from '../protocol-error.ts';
import { type ConfigVersion, compareVersions, type Manifest, manifestSchema } from '../wire/manifest.ts';
import { type KeyChain, keyChainSchema, verifyChain } from './key-chain.ts';
import type { SigningKey } from './signing-keys.ts';

const MANIFEST_TYPE = 'bonito-manifest+jws';

/** Signs a manifest: a compact JWS whose protected header carries the key chain. */
export async function signManifest(
  manifest: Manifest,
  signing: SigningKey,
  chain: KeyChain,
): Promise<string> {
  return new CompactSign(new TextEncoder().encode(JSON.stringify(manifest)))
    .setProtectedHeader({ alg: signing.algorithm, typ: MANIFEST_TYPE, kid: signing.thumbprint, chain })
    .sign(signing.privateKey);
}

/** What an agent holds a manifest against. */
export interface ManifestExpectation {
  /** From the agent's token. */
  organization: string;
  rootFingerprint: string;
  /** The version being served: an older one is refused, the same one is accepted. */
  atLeast?: ConfigVersion;
  /** The generation of the key that signed the manifest being served. */
  signingGeneration?: number;
  /** The newest protocol that this agent understands. */
  protocol: number;
}

/** A manifest that was believed, and the generation of the key that signed it. */
export interface VerifiedManifest {
  manifest: Manifest;
  signingGeneration: number;
}

/**
 * Verifies a manifest from the pinned root down: chain, signature, form, organization, age.
 *
 * @throws ProtocolError with the code of the first thing that is wrong.
 */
export async function verifyManifest(jws: string, expected: ManifestExpectation): Promise<VerifiedManifest> {
  const key = await verifyChain(readChain(jws), expected.rootFingerprint, expected.signingGeneration ?? 1);
  const manifest = await readPayload(jws, key.algorithm, await importJWK(key.jwk, key.algorithm));
  if (manifest.organization !== expected.organization) {
    throw new ProtocolError('manifest_for_another_organization', 'the manifest is for another organization');
  }
  if (manifest.protocol > expected.protocol) {
    throw new ProtocolError(
      'protocol_unsupported',
      `the manifest is of protocol ${manifest.protocol}, this agent understands ${expected.protocol}`,
    );
  }
  if (expected.atLeast && compareVersions(manifest, expected.atLeast) < 0) {
    throw new ProtocolError('manifest_older', 'the manifest is older than the configuration being served');
  }
  return { manifest, signingGeneration: key.generation };
}

function readChain(jws: string): KeyChain {
  try {
    const header = decodeProtectedHeader(jws);
    if (header.typ !== MANIFEST_TYPE) throw new TypeError('not a manifest');
    return keyChainSchema.parse(header.chain);
  } catch {
    throw new ProtocolError('manifest_malformed', 'the answer is not a signed manifest');
  }
}

async function readPayload(
  jws: string,
  algorithm: string,
  key: Awaited<ReturnType<typeof importJWK>>,
): Promise<Manifest> {
  let payload: Uint8Array;
  try {
    ({ payload } = await compactVerify(jws, key, { algorithms: [algorithm] }));
  } catch {
    throw new ProtocolError('signature_invalid', 'the signature does not match the manifest');
  }
  try {
    const parsed = manifestSchema.parse(
      JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload)),
    );
    if (new Set(parsed.sections.map((section) => section.name)).size !== parsed.sections.length)
      throw new TypeError('a section twice');
    return parsed;
  } catch {
    throw new ProtocolError('manifest_malformed', 'the signed payload is not a manifest');
  }
}
