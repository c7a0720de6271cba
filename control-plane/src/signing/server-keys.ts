import { randomBytes } from 'node:crypto';
import {
  formatTimestamp,
  generateSigningJwk,
  importSigningKey,
  issueChain,
  type KeyChain,
  type SigningAlgorithm,
  type SigningKey,
} from '@bonito/protocol';
import { z } from 'zod';

const privateJwkSchema = z
  .object({
    kty: z.enum(['OKP', 'EC']),
    crv: z.enum(['Ed25519', 'P-256']),
    x: z.string(),
    y: z.string().optional(),
    d: z.string(),
    alg: z.enum(['EdDSA', 'ES256']),
  })
  .transform(({ y, ...jwk }) => ({ ...jwk, ...(y !== undefined && { y }) }));

/** What is kept on disk (mode 0600) or in a secret manager. All of it is secret. */
export const serverKeysDocumentSchema = z.strictObject({
  /** Agents pin its fingerprint through their token; it never changes for as long as those tokens live. */
  root: privateJwkSchema,
  /** Signs manifests; the root vouches for it. */
  signing: z.strictObject({
    generation: z.int().min(1),
    issued_at: z.iso.datetime({ precision: 3 }),
    key: privateJwkSchema,
  }),
  /** Successors of agent tokens are derived with it: 32 bytes, base64url. */
  token_key: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
});
export type ServerKeysDocument = z.infer<typeof serverKeysDocumentSchema>;

/** The control plane's own keys, ready for use. */
export interface ServerKeys {
  /** JWK thumbprint of the root key, base64url: what new agent tokens carry. */
  rootFingerprint: string;
  signing: SigningKey;
  generation: number;
  chain: KeyChain;
  /** For `deriveTokenSecret`. */
  tokenKey: Uint8Array;
}

/** Makes the keys of a new installation. */
export async function generateServerKeys(
  now: number,
  algorithm: SigningAlgorithm = 'EdDSA',
): Promise<ServerKeysDocument> {
  return serverKeysDocumentSchema.parse({
    root: await generateSigningJwk(algorithm),
    signing: { generation: 1, issued_at: formatTimestamp(now), key: await generateSigningJwk(algorithm) },
    token_key: randomBytes(32).toString('base64url'),
  });
}

/** The same document with a successor of the signing key. Root and token key stay, so agents follow by themselves. */
export async function rotateSigningKey(
  document: ServerKeysDocument,
  now: number,
): Promise<ServerKeysDocument> {
  return serverKeysDocumentSchema.parse({
    ...document,
    signing: {
      generation: document.signing.generation + 1,
      issued_at: formatTimestamp(now),
      key: await generateSigningJwk(document.signing.key.alg),
    },
  });
}

/** Imports the keys and lets the root vouch for the signing key. */
export async function importServerKeys(document: ServerKeysDocument): Promise<ServerKeys> {
  const root = await importSigningKey(document.root);
  const signing = await importSigningKey(document.signing.key);
  return {
    rootFingerprint: root.thumbprint,
    signing,
    generation: document.signing.generation,
    chain: await issueChain(root, signing, document.signing.generation, document.signing.issued_at),
    tokenKey: Buffer.from(document.token_key, 'base64url'),
  };
}
