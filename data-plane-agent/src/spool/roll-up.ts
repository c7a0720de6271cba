import {
  addTokens,
  formatTimestamp,
  hasUnknownCost,
  type UsageRecord,
  type UsageRollupRecord,
} from '@bonito/protocol';

/** Totals being gathered, by what they are kept apart by. */
export type Rollups = Map<string, UsageRollupRecord>;

/**
 * Whether a value is a request's record as far as it is summed up: a total that it is added to stays a valid one. Its whole
 * schema would cost more than all the rest of collapsing.
 */
export function isSummable(value: unknown): value is UsageRecord {
  if (!isObject(value) || value.kind !== 'usage' || !Array.isArray(value.attempts)) return false;
  for (const name of NAMED_BY) if (value[name] !== null && !isId(value[name])) return false;
  return isTime(value.occurred_at) && isCount(value.latency_ms) && value.attempts.every(isSummableAttempt);
}

const NAMED_BY = ['key_id', 'team_id', 'route_id', 'requested_id'] as const;

function isSummableAttempt(value: unknown): boolean {
  if (!isObject(value) || !isId(value.provider_id) || !isId(value.deployment_id)) return false;
  return isCount(value.cost_nanos) && isObject(value.tokens) && Object.values(value.tokens).every(isCount);
}

function isId(value: unknown): boolean {
  return typeof value === 'string' && ID.test(value);
}

function isTime(value: unknown): boolean {
  const at = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return !Number.isNaN(at) && formatTimestamp(at) === value;
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

const ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/**
 * Adds a request's record to the totals. Tokens and cost go to each attempt's own provider and deployment; the request
 * itself, its outcome and its latency count once, where its last attempt was made. So every sum over all totals is the sum
 * over the requests.
 */
export function addUsage(rollups: Rollups, record: UsageRecord, newRecordId: () => string): void {
  for (const attempt of record.attempts) {
    const total = totalFor(rollups, record, attempt.provider_id, attempt.deployment_id, newRecordId);
    total.attempts += 1;
    if (hasUnknownCost(attempt)) total.unpriced_attempts = (total.unpriced_attempts ?? 0) + 1;
    total.tokens = addTokens(total.tokens, attempt.tokens);
    total.cost_nanos += attempt.cost_nanos;
  }
  const last = record.attempts.at(-1);
  const total = totalFor(
    rollups,
    record,
    last?.provider_id ?? null,
    last?.deployment_id ?? null,
    newRecordId,
  );
  total.requests += 1;
  total.latency_ms += record.latency_ms;
  if (record.outcome === 'error') total.errors += 1;
  if (record.outcome === 'cancelled') total.cancelled += 1;
  if (record.outcome === 'unknown') total.unknown += 1;
}

/** Adds totals that were made earlier. */
export function addRollup(rollups: Rollups, record: UsageRollupRecord): void {
  const total = rollups.get(rollupKey(record, record.hour));
  if (!total) {
    rollups.set(rollupKey(record, record.hour), { ...record });
    return;
  }
  for (const name of [
    'requests',
    'attempts',
    'errors',
    'cancelled',
    'unknown',
    'cost_nanos',
    'latency_ms',
  ] as const) {
    total[name] += record[name];
  }
  total.tokens = addTokens(total.tokens, record.tokens);
  const unpriced = (total.unpriced_attempts ?? 0) + (record.unpriced_attempts ?? 0);
  if (unpriced > 0) total.unpriced_attempts = unpriced;
}

type RollupNames = Pick<
  UsageRollupRecord,
  'key_id' | 'team_id' | 'route_id' | 'requested_id' | 'provider_id' | 'deployment_id'
>;

function rollupKey(names: RollupNames, hour: string): string {
  return [
    hour,
    names.key_id,
    names.team_id,
    names.route_id,
    names.requested_id,
    names.provider_id,
    names.deployment_id,
  ].join(' ');
}

function totalFor(
  rollups: Rollups,
  record: UsageRecord,
  providerId: string | null,
  deploymentId: string | null,
  newRecordId: () => string,
): UsageRollupRecord {
  const hour = `${record.occurred_at.slice(0, 'YYYY-MM-DDTHH'.length)}:00:00.000Z`;
  const names = {
    key_id: record.key_id,
    team_id: record.team_id,
    route_id: record.route_id,
    requested_id: record.requested_id,
    provider_id: providerId,
    deployment_id: deploymentId,
  };
  const key = rollupKey(names, hour);
  const known = rollups.get(key);
  if (known) return known;
  const fresh: UsageRollupRecord = {
    kind: 'usage_rollup',
    id: newRecordId(),
    hour,
    ...names,
    requests: 0,
    attempts: 0,
    errors: 0,
    cancelled: 0,
    unknown: 0,
    tokens: {},
    cost_nanos: 0,
    latency_ms: 0,
  };
  rollups.set(key, fresh);
  return fresh;
}
