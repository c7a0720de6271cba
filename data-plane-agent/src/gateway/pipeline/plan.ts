import { checkRestrictions, planTargets } from '@bonito/protocol';
import { GatewayError } from '../errors/gateway-error.ts';
import type { CompiledModel, CompiledTarget } from '../snapshot/snapshot.ts';
import { factsOf } from './authorize.ts';
import { isCapable } from './is-capable.ts';
import type { RequestContext } from './request-context.ts';
import { surfaceUnsupported } from './surface-unsupported.ts';
import { wayTo } from './way.ts';

/** A target with what planning knows about it. */
interface PlannedTarget {
  deploymentId: string;
  available: boolean;
  target: CompiledTarget;
}

/**
 * Puts the targets into the order in which they are tried. Targets that cannot do what is asked, or may not be used, are
 * left out; those that failed lately come last.
 */
export function plan(context: RequestContext): void {
  const { model, services, surface } = context;
  if (!model) throw new GatewayError('internal_error');
  const [only] = model.targets;
  if (only && model.targets.length === 1) {
    context.targets = soleTarget(context, model, only);
    return;
  }
  const now = services.clock.monotonic();
  const planned: PlannedTarget[] = [];
  let capable = 0;
  let reachable = 0;
  for (const target of model.targets) {
    const { capabilities, id } = target.deployment;
    if (!isCapable(capabilities, surface)) continue;
    capable++;
    if (!target.unusable && !wayTo(target, surface)) continue;
    reachable++;
    if (!usable(context, model, target)) continue;
    planned.push({ deploymentId: id, available: services.breaker.available(id, now), target });
  }
  if (capable === 0 && model.targets.length > 0) {
    throw new GatewayError('capability_mismatch', { param: 'model' });
  }
  if (reachable === 0) throw surfaceUnsupported(model);
  const ordered = planTargets(model.strategy, planned);
  if (ordered.length === 0) throw new GatewayError('no_usable_target', { param: 'model' });
  context.targets = ordered.map((entry) => entry.target);
}

/** With one target there is nothing to put in order. */
function soleTarget(
  context: RequestContext,
  model: CompiledModel,
  target: CompiledTarget,
): readonly CompiledTarget[] {
  const { capabilities } = target.deployment;
  if (!isCapable(capabilities, context.surface)) {
    throw new GatewayError('capability_mismatch', { param: 'model' });
  }
  if (!target.unusable && !wayTo(target, context.surface)) throw surfaceUnsupported(model);
  if (model.strategy.type === 'unknown' || !usable(context, model, target)) {
    throw new GatewayError('no_usable_target', { param: 'model' });
  }
  return model.targets;
}

function usable(context: RequestContext, model: CompiledModel, target: CompiledTarget): boolean {
  if (target.unusable || target.provider.unusable) return false;
  const { deployment, provider } = target;
  if (deployment.restrictions.length === 0 && provider.config.restrictions.length === 0) return true;
  const facts = factsOf(context, model);
  return (
    !checkRestrictions(deployment.restrictions, facts) &&
    !checkRestrictions(provider.config.restrictions, facts)
  );
}
