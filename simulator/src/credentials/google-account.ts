import { generateKeyPairSync, type KeyPairKeyObjectResult, verify } from 'node:crypto';
import type { SimulatorCredentials } from './authority.ts';

/** A service account whose key is made when it is first asked for. */
export interface GoogleAccount {
  /** The key file, as Google gives it out. */
  key(origin: string): Record<string, string>;
  /** What is wrong with a signed assertion, in Google's words; undefined when nothing is. */
  checkAssertion(assertion: string, audience: string, now: number): string | undefined;
}

const keyId = 'simulator-key-1';
const longestSeconds = 3600;

export function createGoogleAccount({
  googleProject,
  googleServiceAccount,
}: SimulatorCredentials): GoogleAccount {
  let pair: KeyPairKeyObjectResult | undefined;
  const keys = () => {
    pair ??= generateKeyPairSync('rsa', { modulusLength: 2048 });
    return pair;
  };
  return {
    key: (origin) => ({
      type: 'service_account',
      project_id: googleProject,
      private_key_id: keyId,
      private_key: keys().privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      client_email: googleServiceAccount,
      client_id: '100000000000000000001',
      token_uri: `${origin}/token`,
    }),
    checkAssertion(assertion, audience, now) {
      const [head = '', body = '', signature = ''] = assertion.split('.');
      const claims = readPart(body);
      if (!claims || readPart(head)?.alg !== 'RS256') return 'Invalid JWT: Failed parsing JWT.';
      if (claims.iss !== googleServiceAccount) return 'Invalid grant: account not found';
      const isSigned = verify(
        'sha256',
        Buffer.from(`${head}.${body}`),
        keys().publicKey,
        Buffer.from(signature, 'base64url'),
      );
      if (!isSigned) return 'Invalid JWT Signature.';
      const seconds = now / 1000;
      const { iat, exp } = claims;
      const isInTime =
        Number(exp) > seconds && Number(exp) - Number(iat) <= longestSeconds && Number(iat) < seconds + 300;
      if (!isInTime)
        return 'Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim.';
      if (claims.aud !== audience) return 'Invalid JWT: Failed audience check.';
      return typeof claims.scope === 'string' || claims.target_audience
        ? undefined
        : 'Invalid JWT: missing scope.';
    },
  };
}

function readPart(part: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString());
  } catch {
    return undefined;
  }
}
