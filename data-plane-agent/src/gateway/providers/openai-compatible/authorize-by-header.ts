import type { CompiledTarget } from '../../snapshot/snapshot.ts';
import type { Credential } from '../provider-kind.ts';

/**
 * A credential in a header: a token as a bearer, a key in the header that the provider's configuration names, or else in
 * the one that the kind of provider wants.
 *
 * @param usual `authorization` (as a bearer) or another header's name in lower case
 */
export function authorizeByHeader(
  credential: Credential,
  target: CompiledTarget,
  usual = 'authorization',
): readonly string[] {
  if (credential.type === 'bearer') return ['authorization', `Bearer ${credential.token}`];
  if (credential.type !== 'secret' || credential.value === '') return [];
  const name = target.provider.config.credential_header ?? usual;
  return [name, name === 'authorization' ? `Bearer ${credential.value}` : credential.value];
}
