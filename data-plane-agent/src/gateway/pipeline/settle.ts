import {
  type Attempt,
  addTokens,
  formatTimestamp,
  type TokenCounts,
  type UsageRecord,
} from '@bonito/protocol';
import type { RequestContext } from './request-context.ts';

/** The status that metrics show for a client that was gone before its answer; nginx's, which people know. */
const CLIENT_CLOSED_STATUS = 499;

/** Enters what a request came to. The pipeline calls it exactly once, whatever happened. */
export function settle(context: RequestContext): void {
  const { services, surface, answer } = context;
  const elapsed = services.clock.monotonic() - context.startedAt;
  context.body?.release();
  context.media?.release();
  // Lists of models use nothing and would only drown what does.
  if (surface.name !== 'openai-models') services.usage.settle(usageRecord(context, Math.round(elapsed)));
  const status = answer.status ?? CLIENT_CLOSED_STATUS;
  services.metrics.requestFinished(surface.name, status, context.outcome, elapsed / 1_000);
  if (context.firstTokenAt !== undefined) {
    services.metrics.timeToFirstToken(surface.name, (context.firstTokenAt - context.startedAt) / 1_000);
  }
}

function usageRecord(context: RequestContext, latencyMs: number): UsageRecord {
  const { principal, model, requested, attempts, firstTokenAt, snapshot, services } = context;
  return {
    kind: 'usage',
    id: services.random.id(),
    request_id: context.requestId,
    occurred_at: formatTimestamp(context.arrivedAt),
    key_id: principal?.keyId ?? null,
    team_id: principal?.teamId ?? null,
    route_id: model?.kind === 'route' ? model.id : null,
    requested_id: requested?.id ?? null,
    deployment_id: context.answeredBy?.deployment.id ?? null,
    surface: context.surface.name,
    stream: context.parsed?.stream ?? false,
    status: context.answer.status ?? null,
    outcome: context.outcome,
    error_code: context.errorCode,
    attempts,
    tokens: totalTokens(attempts),
    cost_nanos: totalCost(attempts),
    latency_ms: latencyMs,
    time_to_first_token_ms: firstTokenAt === undefined ? null : Math.round(firstTokenAt - context.startedAt),
    cache: 'none',
    config: { epoch: snapshot.version.epoch, revision: snapshot.version.revision },
    source: services.settings.source,
  };
}

function totalTokens(attempts: readonly Attempt[]): TokenCounts {
  const [first] = attempts;
  return first && attempts.length === 1
    ? first.tokens
    : addTokens(...attempts.map((attempt) => attempt.tokens));
}

function totalCost(attempts: readonly Attempt[]): number {
  let nanos = 0;
  for (const attempt of attempts) nanos += attempt.cost_nanos;
  return nanos;
}
