import type { CompiledTarget, Principal } from '../snapshot/snapshot.ts';
import type { StateOwner } from './state-seal.ts';

/** Whose state it is that a target makes for a request. */
export function stateOwner(
  context: { readonly principal: Principal | undefined },
  target: CompiledTarget,
): StateOwner {
  return { deploymentId: target.deployment.id, keyId: context.principal?.keyId ?? '' };
}
