import type { Credential } from '../providers/provider-kind.ts';

/** The parts of a credential that must not be seen by a client. */
export function secretsOf(credential: Credential): readonly string[] {
  switch (credential.type) {
    case 'none':
      return [];
    case 'secret':
      return [credential.value];
    case 'bearer':
      return [credential.token];
    case 'aws':
      return [credential.secretAccessKey, credential.sessionToken ?? ''];
  }
}
