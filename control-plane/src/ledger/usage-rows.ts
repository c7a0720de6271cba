import { type Attempt, hasUnknownCost, type UsageRecord } from '@bonito/protocol';
import { USAGE_COLUMNS } from '../db/usage-columns.ts';
import type { Column } from './insert-columns.ts';
import type { KnownIds } from './known-ids.ts';

/** A request as it is stored: ids that are not the organization's are null. */
export interface RequestRow extends Omit<UsageRecord, 'kind' | 'attempts' | 'source'> {
  provider_id: string | null;
  attempts: AttemptRow[];
  unpriced_attempts: number;
}

export interface AttemptRow extends Omit<Attempt, 'provider_id' | 'deployment_id'> {
  provider_id: string | null;
  deployment_id: string | null;
  unpriced: boolean;
}

/** Takes a record's ids over where they are known. The provider is that of the deployment that answered, or of the last try. */
export function toRequestRow(record: UsageRecord, known: KnownIds): RequestRow {
  const attempts = record.attempts.map((attempt) => ({
    ...attempt,
    provider_id: only(known.providers, attempt.provider_id),
    deployment_id: only(known.deployments, attempt.deployment_id),
    unpriced: hasUnknownCost(attempt),
  }));
  const deployment_id = only(known.deployments, record.deployment_id);
  const answered = attempts.findLast((attempt) => attempt.deployment_id === deployment_id);
  const requested = only(known.deployments, record.requested_id) ?? only(known.routes, record.requested_id);
  return {
    ...record,
    key_id: only(known.keys, record.key_id),
    team_id: only(known.teams, record.team_id),
    route_id: only(known.routes, record.route_id),
    requested_id: requested,
    deployment_id,
    provider_id: ((deployment_id !== null && answered) || attempts.at(-1))?.provider_id ?? null,
    attempts,
    unpriced_attempts: attempts.filter((attempt) => attempt.unpriced).length,
  };
}

/** The id, or null where it is not among the organization's. */
export function only(known: ReadonlySet<string>, id: string | null): string | null {
  return id !== null && known.has(id) ? id : null;
}

/** In detail rows null stands for zero. */
function usageColumns<Row>(of: (row: Row) => UsageRecord['tokens']): Column<Row>[] {
  return USAGE_COLUMNS.map(({ usage, column }) => ({
    name: column,
    type: 'bigint',
    of: (row) => of(row)[usage] || null,
  }));
}

/** @param receivedAt ISO 8601 */
export function requestColumns(receivedAt: string): Column<RequestRow>[] {
  return [
    { name: 'occurred_at', type: 'timestamptz', of: (row) => row.occurred_at },
    { name: 'id', type: 'uuid', of: (row) => row.id },
    { name: 'request_id', type: 'uuid', of: (row) => row.request_id },
    { name: 'received_at', type: 'timestamptz', of: () => receivedAt },
    { name: 'key_id', type: 'uuid', of: (row) => row.key_id },
    { name: 'team_id', type: 'uuid', of: (row) => row.team_id },
    { name: 'route_id', type: 'uuid', of: (row) => row.route_id },
    { name: 'requested_id', type: 'uuid', of: (row) => row.requested_id },
    { name: 'deployment_id', type: 'uuid', of: (row) => row.deployment_id },
    { name: 'provider_id', type: 'uuid', of: (row) => row.provider_id },
    { name: 'surface', type: 'text', of: (row) => row.surface },
    { name: 'stream', type: 'boolean', of: (row) => row.stream },
    { name: 'status', type: 'smallint', of: (row) => row.status },
    { name: 'outcome', type: 'text', of: (row) => row.outcome },
    { name: 'error_code', type: 'text', of: (row) => row.error_code },
    { name: 'attempts', type: 'smallint', of: (row) => row.attempts.length },
    { name: 'unpriced_attempts', type: 'smallint', of: (row) => row.unpriced_attempts || null },
    ...usageColumns<RequestRow>((row) => row.tokens),
    { name: 'cost_nanos', type: 'bigint', of: (row) => row.cost_nanos },
    { name: 'latency_ms', type: 'int', of: (row) => row.latency_ms },
    { name: 'time_to_first_token_ms', type: 'int', of: (row) => row.time_to_first_token_ms },
    { name: 'cache', type: 'text', of: (row) => row.cache },
    { name: 'config_epoch', type: 'int', of: (row) => row.config.epoch },
    { name: 'config_revision', type: 'bigint', of: (row) => row.config.revision },
  ];
}

/** An attempt with the request that it belongs to. */
export interface PlacedAttempt {
  request: RequestRow;
  position: number;
  attempt: AttemptRow;
}

export const ATTEMPT_COLUMNS: readonly Column<PlacedAttempt>[] = [
  { name: 'occurred_at', type: 'timestamptz', of: ({ request }) => request.occurred_at },
  { name: 'request_record_id', type: 'uuid', of: ({ request }) => request.id },
  { name: 'position', type: 'smallint', of: ({ position }) => position },
  { name: 'provider_id', type: 'uuid', of: ({ attempt }) => attempt.provider_id },
  { name: 'deployment_id', type: 'uuid', of: ({ attempt }) => attempt.deployment_id },
  { name: 'status', type: 'smallint', of: ({ attempt }) => attempt.status },
  { name: 'outcome', type: 'text', of: ({ attempt }) => attempt.outcome },
  { name: 'error_code', type: 'text', of: ({ attempt }) => attempt.error_code },
  ...usageColumns<PlacedAttempt>(({ attempt }) => attempt.tokens),
  { name: 'quality', type: 'text', of: ({ attempt }) => attempt.quality },
  { name: 'unpriced', type: 'boolean', of: ({ attempt }) => attempt.unpriced || null },
  { name: 'cost_nanos', type: 'bigint', of: ({ attempt }) => attempt.cost_nanos },
  { name: 'price_revision', type: 'text', of: ({ attempt }) => attempt.price_revision },
  { name: 'latency_ms', type: 'int', of: ({ attempt }) => attempt.latency_ms },
];
