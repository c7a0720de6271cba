import { importPKCS8, SignJWT } from 'jose';
import { type BearerToken, readTokenAnswer } from '../bearer-token.ts';
import { CredentialError } from '../credential-error.ts';
import { ask } from '../credential-tools.ts';
import { type JsonFields, requiredField, textField } from '../read-json.ts';
import type { Fetched } from '../renewing.ts';
import { requireGoogleUrl } from './google-host.ts';
import type { GoogleQuery } from './google-query.ts';

const TOKEN_URL = 'https://oauth2.googleapis.com/token';
const GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const ASSERTION_SECONDS = 3_600;

/**
 * A token for a service account's key. https://developers.google.com/identity/protocols/oauth2/service-account#httprest
 *
 * @param account the account's JSON key
 * @throws CredentialError
 */
export async function fetchServiceAccountToken(
  account: JsonFields,
  { tools, via, scopes, tokenUrl }: GoogleQuery,
): Promise<Fetched<BearerToken>> {
  const ownUrl = textField(account, 'token_uri');
  const url = tokenUrl ?? (ownUrl === undefined ? TOKEN_URL : requireGoogleUrl(ownUrl));
  const keyId = textField(account, 'private_key_id');
  const email = requiredField(account, 'client_email');
  const key = await importPKCS8(requiredField(account, 'private_key'), 'RS256').catch(() => {
    throw new CredentialError('malformed');
  });
  const issuedAt = Math.floor(tools.clock.now() / 1_000);
  const assertion = await new SignJWT({ scope: scopes.join(' ') })
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT', ...(keyId !== undefined && { kid: keyId }) })
    .setIssuer(email)
    .setSubject(email)
    .setAudience(audienceOf(url))
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + ASSERTION_SECONDS)
    .sign(key);
  const answer = await ask(
    tools,
    {
      url,
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
      body: new URLSearchParams({ grant_type: GRANT, assertion }).toString(),
      place: 'network',
    },
    via,
  );
  return readTokenAnswer(answer, tools.clock.now());
}

/**
 * Whom the assertion is for: a private endpoint of Google's stands for the public one. Anybody else gets one that is of no
 * use elsewhere.
 */
function audienceOf(url: string): string {
  return new URL(url).hostname.endsWith('.googleapis.com') ? TOKEN_URL : url;
}
