import { randomBytes } from 'node:crypto';

export type TokenIssuer = 'google' | 'entra';

/** What a bearer token is worth. */
export type TokenState = 'valid' | 'expired' | 'unknown';

export interface TokenStore {
  /** A new token that lasts so many seconds. */
  issue(issuer: TokenIssuer, seconds: number): string;
  stateOf(issuer: TokenIssuer, token: string | undefined): TokenState;
}

const mostKept = 10_000;

/** Remembers the tokens that were given out. */
export function createTokenStore(now: () => number): TokenStore {
  const issued = new Map<string, { issuer: TokenIssuer; expires: number }>();
  return {
    issue(issuer, seconds) {
      if (issued.size >= mostKept) issued.clear();
      const token = `${issuer === 'google' ? 'ya29.sim-' : 'eyJ0eXAiOiJKV1QifQ.sim-'}${randomBytes(24).toString('base64url')}`;
      issued.set(token, { issuer, expires: now() + seconds * 1000 });
      return token;
    },
    stateOf(issuer, token) {
      const entry = token === undefined ? undefined : issued.get(token);
      if (entry?.issuer !== issuer) return 'unknown';
      return entry.expires > now() ? 'valid' : 'expired';
    },
  };
}
