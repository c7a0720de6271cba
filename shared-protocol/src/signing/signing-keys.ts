import {
  type CryptoKey,
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
} from 'jose';

/** The algorithms that manifests and key certificates may be signed with. */
export const SIGNING_ALGORITHMS = ['EdDSA', 'ES256'] as const;
export type SigningAlgorithm = (typeof SIGNING_ALGORITHMS)[number];

/** A private key with what goes into its signatures. */
export interface SigningKey {
  algorithm: SigningAlgorithm;
  privateKey: CryptoKey;
  publicJwk: JWK;
  /** JWK thumbprint (RFC 7638) with SHA-256, base64url: the key's id and fingerprint. */
  thumbprint: string;
}

/** Makes a key pair; answers the private JWK, which is what is stored. */
export async function generateSigningJwk(algorithm: SigningAlgorithm = 'EdDSA'): Promise<JWK> {
  const { privateKey } = await generateKeyPair(algorithm, { extractable: true });
  return { ...(await exportJWK(privateKey)), alg: algorithm };
}

/**
 * Reads a private JWK with its `alg`.
 *
 * @throws TypeError when it is not a private key of one of the algorithms.
 */
export async function importSigningKey(jwk: JWK): Promise<SigningKey> {
  const algorithm = SIGNING_ALGORITHMS.find((name) => name === jwk.alg);
  if (!algorithm || !jwk.d) throw new TypeError('a signing key is a private JWK with "alg" EdDSA or ES256');
  const privateKey = await importJWK(jwk, algorithm);
  if (privateKey instanceof Uint8Array) throw new TypeError('a signing key is asymmetric');
  const publicJwk = publicPart(jwk);
  return { algorithm, privateKey, publicJwk, thumbprint: await calculateJwkThumbprint(publicJwk, 'sha256') };
}

function publicPart(jwk: JWK): JWK {
  const { kty, crv, x, y, alg } = jwk;
  return { ...(kty && { kty }), ...(crv && { crv }), ...(x && { x }), ...(y && { y }), ...(alg && { alg }) };
}
