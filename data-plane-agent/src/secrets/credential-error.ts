import type { CredentialProblem } from '../gateway/ports.ts';

const SENTENCES: Readonly<Record<CredentialProblem, string>> = {
  not_configured: 'the credential is not configured completely; see docs/provider-credentials.md',
  malformed: 'the secret or the answer of the credential service is not in the form that it should have',
  refused: 'the identity was not accepted; check the key, the client and the token',
  expired: 'the identity has expired; renew it where it comes from',
  permission_missing: 'the identity may not do this; grant it the permission',
  wrong_region: 'the region is not switched on for this account; name another one',
  unreachable: 'the service that gives credentials cannot be reached',
  host_not_allowed:
    "a token of this machine's identity may not be sent to that host; list it in BONITO_CREDENTIAL_HOSTS",
};

/** There is no credential. Says why by a word of a closed set, and nothing of what the credential is. */
export class CredentialError extends Error {
  override readonly name = 'CredentialError';
  readonly problem: CredentialProblem;

  constructor(problem: CredentialProblem) {
    super(SENTENCES[problem]);
    this.problem = problem;
  }
}

/** The problem that an error stands for; an error that nobody foresaw counts as a malformed answer. */
export function problemOf(error: unknown): CredentialProblem {
  return error instanceof CredentialError ? error.problem : 'malformed';
}
