import type { CredentialProblem } from '../gateway/ports.ts';
import type { CredentialAnswer } from '../outbound/credential-requests.ts';
import { CredentialError } from './credential-error.ts';
import {
  headerSafe,
  type JsonFields,
  numberField,
  parseFields,
  requiredField,
  textField,
} from './read-json.ts';
import type { Fetched } from './renewing.ts';

/** An access token, ready for the gateway. */
export interface BearerToken {
  readonly type: 'bearer';
  readonly token: string;
}

/** Where a token endpoint does not say how long its token lives, RFC 6749 leaves it open; an hour is what all of ours give. */
const DEFAULT_LIFETIME_S = 3_600;

/**
 * Reads the answer of a token endpoint (RFC 6749 §5.1, and Azure's forms of it: numbers as text, `expires_on`).
 *
 * @param now milliseconds since 1970, for answers that name a moment and no length
 * @throws CredentialError
 */
export function readTokenAnswer(answer: CredentialAnswer, now: number): Fetched<BearerToken> {
  if (answer.status !== 200) throw new CredentialError(readTokenError(answer));
  const fields = parseFields(answer.body);
  const type = textField(fields, 'token_type');
  if (type !== undefined && type.toLowerCase() !== 'bearer') throw new CredentialError('malformed');
  const token = headerSafe(requiredField(fields, 'access_token'));
  return { value: { type: 'bearer', token }, lifetimeMs: lifetimeOf(fields, now) };
}

function lifetimeOf(fields: JsonFields, now: number): number {
  const seconds = numberField(fields, 'expires_in');
  if (seconds !== undefined) return seconds * 1_000;
  const moment = numberField(fields, 'expires_on');
  return moment === undefined ? DEFAULT_LIFETIME_S * 1_000 : moment * 1_000 - now;
}

/** Entra ID: https://learn.microsoft.com/entra/identity-platform/reference-error-codes */
const ENTRA_CODES: Readonly<Record<string, CredentialProblem>> = {
  '7000222': 'expired',
  '700024': 'expired',
  '500133': 'expired',
  '65001': 'permission_missing',
  '501051': 'permission_missing',
  '500011': 'not_configured',
  '90002': 'not_configured',
  '900023': 'not_configured',
};

/** RFC 6749 §5.2 */
const OAUTH_ERRORS: Readonly<Record<string, CredentialProblem>> = {
  invalid_client: 'refused',
  invalid_grant: 'refused',
  invalid_token: 'refused',
  unauthorized_client: 'permission_missing',
  access_denied: 'permission_missing',
  invalid_scope: 'not_configured',
  invalid_target: 'not_configured',
  invalid_resource: 'not_configured',
  invalid_request: 'not_configured',
};

/** What an error answer means; nothing of its words is kept. */
function readTokenError(answer: CredentialAnswer): CredentialProblem {
  const fields = fieldsOf(answer.body);
  const description = textField(fields, 'error_description') ?? '';
  const entra = /AADSTS(\d+)/.exec(description)?.[1];
  const known = entra === undefined ? undefined : ENTRA_CODES[entra];
  if (known) return known;
  const code = textField(fields, 'error') ?? '';
  if (code === 'invalid_grant' && /\bexpired\b/i.test(description)) return 'expired';
  const meaning = Object.hasOwn(OAUTH_ERRORS, code) ? OAUTH_ERRORS[code] : undefined;
  if (meaning) return meaning;
  if (answer.status === 401) return 'refused';
  if (answer.status === 403) return 'permission_missing';
  if (answer.status === 400 || answer.status === 404) return 'not_configured';
  return 'unreachable';
}

function fieldsOf(body: string): JsonFields {
  try {
    return parseFields(body);
  } catch {
    return {};
  }
}
