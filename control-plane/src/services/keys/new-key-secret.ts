import { CREDENTIAL_PREFIXES, maskCredential, newSecret, sha256 } from '@bonito/protocol';

/** A new secret with what is stored of it. */
export function newKeySecret(routeId: string | null): { key: string; sha256: string; hint: string } {
  const key = newSecret(routeId ? CREDENTIAL_PREFIXES.routeKey : CREDENTIAL_PREFIXES.key);
  return { key, sha256: sha256(key), hint: maskCredential(key) };
}
