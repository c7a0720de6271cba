import { createHmac } from 'node:crypto';
import { formatAgentToken } from '@bonito/protocol';
import type { ServerKeys } from './server-keys.ts';

/**
 * The 32 secret bytes of an agent token's generation: HMAC-SHA-256 of the token's id and generation under the server's
 * token key. Derived, so that a successor can be offered in every heartbeat answer and yet is never stored.
 */
export function deriveTokenSecret(tokenKey: Uint8Array, tokenId: string, generation: number): Uint8Array {
  return createHmac('sha256', tokenKey).update(`agent-token/${tokenId}/${generation}`).digest();
}

/** The whole `bt-` token of a generation. */
export function deriveAgentToken(
  keys: Pick<ServerKeys, 'rootFingerprint' | 'tokenKey'>,
  organization: string,
  tokenId: string,
  generation: number,
): string {
  return formatAgentToken(
    { organization, rootFingerprint: keys.rootFingerprint },
    deriveTokenSecret(keys.tokenKey, tokenId, generation),
  );
}
