import { type Attempt, costOf } from '@bonito/protocol';
import { countsOf, priceListFor } from '../metering/bill-attempt.ts';
import type { CompiledTarget } from '../snapshot/snapshot.ts';
import type { AttemptEnd } from './answer-reader.ts';
import type { RequestContext } from './request-context.ts';

/** Enters an attempt that ended: for the bill, the metrics and the circuit breaker. */
export function recordAttempt(
  context: RequestContext,
  target: CompiledTarget,
  status: number | null,
  end: AttemptEnd,
  startedAt: number,
): void {
  const { clock, metrics } = context.services;
  const now = clock.monotonic();
  const { deployment, provider } = target;
  const tokens = countsOf(context, end);
  const list = priceListFor(context, end, tokens, deployment.price);
  const attempt: Attempt = {
    provider_id: provider.config.id,
    deployment_id: deployment.id,
    status,
    outcome: end.outcome,
    error_code: end.code,
    tokens,
    quality: end.quality,
    cost_nanos: costOf(tokens, list),
    price_revision: list.revision,
    latency_ms: Math.round(now - startedAt),
  };
  context.attempts.push(attempt);
  context.outcome = end.outcome;
  context.errorCode = end.code;
  informBreaker(context, deployment.id, end, now);
  metrics.attemptFinished(provider.config.name, end.outcome, end.code ?? '', (now - startedAt) / 1_000);
  for (const name in tokens) {
    metrics.tokens(provider.config.name, name, tokens[name as keyof typeof tokens] ?? 0);
  }
}

function informBreaker(context: RequestContext, deploymentId: string, end: AttemptEnd, now: number): void {
  const { breaker } = context.services;
  // What ended from our side says nothing about the target.
  if (end.code === 'client_closed' || end.code === 'gateway_stopping' || end.code === 'gateway_error') return;
  const blames = end.failure ? end.failure.blamesTarget : end.outcome !== 'success';
  if (blames) breaker.failed(deploymentId, now);
  else breaker.succeeded(deploymentId);
}
