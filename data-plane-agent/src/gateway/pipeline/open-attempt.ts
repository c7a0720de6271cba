import type { OpenAttempt } from '../ports.ts';
import type { AttemptLimits } from '../reliability/attempt-timer.ts';
import type { CompiledTarget } from '../snapshot/snapshot.ts';
import type { RequestContext } from './request-context.ts';

/** An attempt as the spool notes it before it is made. */
export function openAttempt(context: RequestContext, target: CompiledTarget, stream: boolean): OpenAttempt {
  const { principal, model, requested, snapshot } = context;
  return {
    requestId: context.requestId,
    arrivedAt: context.arrivedAt,
    keyId: principal?.keyId ?? null,
    teamId: principal?.teamId ?? null,
    routeId: model?.kind === 'route' ? model.id : null,
    requestedId: requested?.id ?? null,
    providerId: target.provider.config.id,
    deploymentId: target.deployment.id,
    priceRevision: target.deployment.price.revision,
    surface: context.surface.name,
    stream,
    epoch: snapshot.version.epoch,
    revision: snapshot.version.revision,
  };
}

/** The provider's own time limits, and the agent's where it has none. */
export function limitsOf(context: RequestContext, target: CompiledTarget): AttemptLimits {
  const { settings } = context.services;
  const own = target.provider.config.time_limits;
  return {
    firstByteMs: own?.first_byte_ms ?? settings.firstByteMs,
    idleMs: own?.idle_ms ?? settings.idleMs,
    totalMs: own?.total_ms ?? settings.totalMs,
  };
}
