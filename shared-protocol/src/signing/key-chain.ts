import { CompactSign, calculateJwkThumbprint, compactVerify, importJWK, type JWK } from 'jose';
import { z } from 'zod';
import { ProtocolError } from '../protocol-error.ts';
import { timestampSchema } from '../time.ts';
import { SIGNING_ALGORITHMS, type SigningAlgorithm, type SigningKey } from './signing-keys.ts';

const CERTIFICATE_TYPE = 'bonito-signing-key+jws';

/** A public key as it stands in a chain. */
export const publicJwkSchema = z.object({
  kty: z.enum(['OKP', 'EC']),
  crv: z.enum(['Ed25519', 'P-256']),
  x: z.string().max(100),
  y: z.string().max(100).optional(),
  alg: z.enum(SIGNING_ALGORITHMS),
});

const certificateSchema = z.object({
  /** Counts up with each successor. An agent never goes back to a lower one. */
  generation: z.int().min(1),
  key: publicJwkSchema,
  issued_at: timestampSchema,
});

/** Whom a manifest's signature is believed from: the root key, and its word for the signing key. */
export const keyChainSchema = z.object({
  root: publicJwkSchema,
  /** Compact JWS by the root key over the signing key's certificate. */
  certificate: z.string().max(4_000),
});
export type KeyChain = z.infer<typeof keyChainSchema>;

/** A key that the root vouches for. */
export interface TrustedKey {
  jwk: JWK;
  algorithm: SigningAlgorithm;
  generation: number;
}

/** The root key vouches for a signing key. Done when the key is made, not for each manifest. */
export async function issueChain(
  root: SigningKey,
  signing: SigningKey,
  generation: number,
  issuedAt: string,
): Promise<KeyChain> {
  const certificate = certificateSchema.parse({ generation, key: signing.publicJwk, issued_at: issuedAt });
  return {
    root: publicJwkSchema.parse(root.publicJwk),
    certificate: await new CompactSign(new TextEncoder().encode(JSON.stringify(certificate)))
      .setProtectedHeader({ alg: root.algorithm, typ: CERTIFICATE_TYPE })
      .sign(root.privateKey),
  };
}

/**
 * Follows a chain from the fingerprint that the agent's token pins.
 *
 * @throws ProtocolError `signing_key_untrusted`
 */
export async function verifyChain(
  chain: KeyChain,
  rootFingerprint: string,
  minimumGeneration: number,
): Promise<TrustedKey> {
  if ((await calculateJwkThumbprint(chain.root as JWK, 'sha256')) !== rootFingerprint) {
    throw new ProtocolError('signing_key_untrusted', 'the root key is not the one that the agent token pins');
  }
  let certificate: z.infer<typeof certificateSchema>;
  try {
    const rootKey = await importJWK(chain.root as JWK, chain.root.alg);
    const verified = await compactVerify(chain.certificate, rootKey, { algorithms: [chain.root.alg] });
    if (verified.protectedHeader.typ !== CERTIFICATE_TYPE)
      throw new TypeError('not a signing key certificate');
    certificate = certificateSchema.parse(JSON.parse(new TextDecoder().decode(verified.payload)));
  } catch {
    throw new ProtocolError('signing_key_untrusted', 'the root key does not vouch for the signing key');
  }
  if (certificate.generation < minimumGeneration) {
    throw new ProtocolError('signing_key_untrusted', 'the signing key was superseded');
  }
  return { jwk: certificate.key as JWK, algorithm: certificate.key.alg, generation: certificate.generation };
}
