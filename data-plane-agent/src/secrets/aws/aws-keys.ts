import { CredentialError } from '../credential-error.ts';
import { headerSafe, type JsonFields, parseFields, requiredField, textField } from '../read-json.ts';
import type { Fetched } from '../renewing.ts';

/** What AWS requests are signed with. */
export interface AwsKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string | undefined;
}

/** The configured form: `{access_key_id, secret_access_key, session_token?}`. @throws CredentialError `malformed` */
export function readStaticKeys(secret: string): AwsKeys {
  const fields = parseFields(secret);
  const sessionToken = textField(fields, 'session_token');
  return {
    accessKeyId: headerSafe(requiredField(fields, 'access_key_id')),
    secretAccessKey: requiredField(fields, 'secret_access_key'),
    sessionToken: sessionToken && headerSafe(sessionToken),
  };
}

/** AWS_ACCESS_KEY_ID and its companions; undefined where they are not set. */
export function readEnvironmentKeys(
  environment: Readonly<Record<string, string | undefined>>,
): AwsKeys | undefined {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = environment;
  if (!AWS_ACCESS_KEY_ID || !AWS_SECRET_ACCESS_KEY) return undefined;
  return {
    accessKeyId: headerSafe(AWS_ACCESS_KEY_ID.trim()),
    secretAccessKey: AWS_SECRET_ACCESS_KEY.trim(),
    sessionToken: AWS_SESSION_TOKEN ? headerSafe(AWS_SESSION_TOKEN.trim()) : undefined,
  };
}

/**
 * The form in which containers, instances and STS give keys.
 *
 * @param tokenName `Token` for metadata services, `SessionToken` for STS
 * @param now milliseconds since 1970 where the answer was written
 * @throws CredentialError `malformed`
 */
export function readGivenKeys(fields: JsonFields, tokenName: string, now: number): Fetched<AwsKeys> {
  const expiration = fields.Expiration;
  // STS's JSON gives seconds, everything else gives text.
  const expiresAt =
    typeof expiration === 'number' ? expiration * 1_000 : Date.parse(requiredField(fields, 'Expiration'));
  if (Number.isNaN(expiresAt)) throw new CredentialError('malformed');
  return {
    value: {
      accessKeyId: headerSafe(requiredField(fields, 'AccessKeyId')),
      secretAccessKey: requiredField(fields, 'SecretAccessKey'),
      sessionToken: headerSafe(requiredField(fields, tokenName)),
    },
    lifetimeMs: expiresAt - now,
  };
}

/** When an answer was written, by the clock of who wrote it; ours where it does not say. Milliseconds since 1970. */
export function answeredAt(
  headers: Readonly<Record<string, string | string[] | undefined>>,
  ours: number,
): number {
  const date = headers.date;
  const theirs = typeof date === 'string' ? Date.parse(date) : Number.NaN;
  return Number.isNaN(theirs) ? ours : theirs;
}
