import { CredentialError } from '../credential-error.ts';

/**
 * An address out of a credential file. A file may come from somebody else: what it names must be Google's own.
 *
 * @throws CredentialError `host_not_allowed`
 */
export function requireGoogleUrl(text: string): string {
  const url = URL.parse(text);
  const google = url?.protocol === 'https:' && /^(?:[a-z0-9-]+\.)+googleapis\.com$/.test(url.hostname);
  if (!google || url.username || url.password) throw new CredentialError('host_not_allowed');
  return url.href;
}
