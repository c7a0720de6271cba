import { sha256 } from '@bonito/protocol';
import { GatewayError } from '../errors/gateway-error.ts';
import type { Principal, Snapshot } from '../snapshot/snapshot.ts';
import { readCredential } from './read-credential.ts';
import type { RequestContext } from './request-context.ts';

/**
 * Finds out who calls. A token that was good with this snapshot is remembered with it, so that it is hashed once; whether
 * it has expired is looked at each time. Secrets are compared by looking up their SHA-256, so no comparison's duration
 * tells anything about a secret.
 */
export function authenticate(context: RequestContext): void {
  const { snapshot, services } = context;
  const credential = readCredential(context.incoming.rawHeaders);
  if (credential.kind === 'none') throw new GatewayError('missing_api_key');
  if (credential.kind === 'conflict') throw new GatewayError('conflicting_credentials');
  const principal = recognize(snapshot, credential.token, services.settings.rememberedTokens);
  if (!principal) throw new GatewayError('invalid_api_key');
  context.principal = principal;
  if (context.arrivedAt >= principal.expiresAt) throw new GatewayError('expired_api_key');
  if (principal.denied || snapshot.denied) throw new GatewayError('key_restricted');
  if (principal.boundRouteMissing) throw new GatewayError('route_missing');
  if (
    snapshot.maxOfflineSeconds !== Number.POSITIVE_INFINITY &&
    services.config.offlineSeconds() > snapshot.maxOfflineSeconds
  ) {
    throw new GatewayError('offline_too_long');
  }
}

function recognize(snapshot: Snapshot, token: string, limit: number): Principal | undefined {
  const remembered = snapshot.remembered.get(token);
  if (remembered) return remembered;
  const principal = snapshot.principal(sha256(token));
  if (principal) remember(snapshot.remembered, token, principal, limit);
  return principal;
}

function remember(map: Map<string, Principal>, token: string, principal: Principal, limit: number): void {
  if (map.size >= limit) {
    const oldest = map.keys().next();
    if (!oldest.done) map.delete(oldest.value);
  }
  if (limit > 0) map.set(token, principal);
}
