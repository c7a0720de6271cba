import { randomBytes } from 'node:crypto';

/**
 * The secrets that Bonito hands out. Each has a public prefix, so that people and secret scanners tell them apart:
 * `bn-` an application's key, `rt-` an application's key bound to one route, `bt-` an agent's token, `ba-` an
 * administrator's token for the control plane. All carry 256 random bits and are stored as SHA-256 only.
 */
export const CREDENTIAL_PREFIXES = {
  key: 'bn-',
  routeKey: 'rt-',
  agentToken: 'bt-',
  administratorToken: 'ba-',
} as const;

/** A new `bn-`, `rt-` or `ba-` secret. */
export function newSecret(prefix: 'bn-' | 'rt-' | 'ba-', random: Uint8Array = randomBytes(32)): string {
  return prefix + Buffer.from(random).toString('base64url');
}

/** What an agent's token says besides being a secret. */
export interface AgentToken {
  /** The organization that the agent belongs to. */
  organization: string;
  /** SHA-256 of the control plane's root key: its JWK thumbprint (RFC 7638), base64url. Trust starts here. */
  rootFingerprint: string;
}

const TOKEN_VERSION = 1;
const TOKEN_BYTES = 1 + 16 + 32 + 32;

/**
 * Writes a `bt-` token: base64url of one version byte, 16 bytes of organization id, 32 of root fingerprint, 32 of secret.
 */
export function formatAgentToken(token: AgentToken, secret: Uint8Array = randomBytes(32)): string {
  const bytes = Buffer.concat([
    Buffer.from([TOKEN_VERSION]),
    Buffer.from(token.organization.replaceAll('-', ''), 'hex'),
    Buffer.from(token.rootFingerprint, 'base64url'),
    secret,
  ]);
  if (bytes.length !== TOKEN_BYTES)
    throw new RangeError('an agent token needs a UUID, a SHA-256 fingerprint and 32 secret bytes');
  return CREDENTIAL_PREFIXES.agentToken + bytes.toString('base64url');
}

/** Reads a `bt-` token; undefined when it is not one. Does not say whether it is still good: only the control plane knows. */
export function parseAgentToken(text: string): AgentToken | undefined {
  if (!/^bt-[A-Za-z0-9_-]{108}$/.test(text)) return undefined;
  const bytes = Buffer.from(text.slice(3), 'base64url');
  if (bytes.length !== TOKEN_BYTES || bytes[0] !== TOKEN_VERSION) return undefined;
  const hex = bytes.toString('hex', 1, 17);
  return {
    organization: [
      hex.slice(0, 8),
      hex.slice(8, 12),
      hex.slice(12, 16),
      hex.slice(16, 20),
      hex.slice(20),
    ].join('-'),
    rootFingerprint: bytes.toString('base64url', 17, 49),
  };
}

/** A credential as it may be shown: the prefix and the last four characters. */
export function maskCredential(text: string): string {
  return text.length < 16 ? '***' : `${text.slice(0, 3)}***${text.slice(-4)}`;
}
