import { type TokenCounts, USAGE_CLASSES, type UsageRollupRecord } from '@bonito/protocol';
import { sql } from 'kysely';
import type { DatabaseTransaction } from '../db/transactions.ts';
import { USAGE_COLUMNS } from '../db/usage-columns.ts';
import { type Column, insertColumns } from './insert-columns.ts';
import type { KnownIds } from './known-ids.ts';
import { only, type RequestRow } from './usage-rows.ts';

/** Stands for "none" in a total's dimensions. */
export const NO_ID = '00000000-0000-0000-0000-000000000000';

/** The largest total that is kept, in any column. */
const LARGEST = Number.MAX_SAFE_INTEGER;

const DIMENSIONS = ['key_id', 'team_id', 'route_id', 'requested_id', 'deployment_id', 'provider_id'] as const;
const COUNTS = [
  'requests',
  'errors',
  'cancelled',
  'unknown',
  'attempts',
  'unpriced_attempts',
  'cost_nanos',
  'latency_ms',
] as const;

/** What agents sum up themselves. */
const REPORTED = COUNTS.filter((name) => name !== 'unpriced_attempts');

type Dimensions = { [Name in (typeof DIMENSIONS)[number]]: string | null };

interface Total extends Dimensions, Record<(typeof COUNTS)[number], number> {
  /** The dimensions in order: what rows are told apart and sorted by. */
  sortKey: string;
  hour: string;
  tokens: TokenCounts;
}

/** Totals of a batch, one for each hour and combination of dimensions. */
export type HourlyTotals = Map<string, Total>;

function totalOf(totals: HourlyTotals, hour: string, dimensions: Dimensions): Total {
  let sortKey = hour;
  for (const name of DIMENSIONS) sortKey += `/${dimensions[name] ?? NO_ID}`;
  let total = totals.get(sortKey);
  if (!total) {
    total = {
      sortKey,
      hour,
      key_id: dimensions.key_id,
      team_id: dimensions.team_id,
      route_id: dimensions.route_id,
      requested_id: dimensions.requested_id,
      deployment_id: dimensions.deployment_id,
      provider_id: dimensions.provider_id,
      requests: 0,
      errors: 0,
      cancelled: 0,
      unknown: 0,
      attempts: 0,
      unpriced_attempts: 0,
      cost_nanos: 0,
      latency_ms: 0,
      tokens: {},
    };
    totals.set(sortKey, total);
  }
  return total;
}

/** The first millisecond of a timestamp's hour, as it stands on the wire. */
export function hourOf(timestamp: string): string {
  return `${timestamp.slice(0, 13)}:00:00.000Z`;
}

/**
 * Adds a request: it counts once, where it was answered or tried last; attempts, tokens and cost count where each attempt
 * went. So every column sums to the same over any grouping.
 */
export function addRequest(totals: HourlyTotals, row: RequestRow): void {
  const hour = hourOf(row.occurred_at);
  const last = row.attempts.at(-1);
  const deployment_id = row.deployment_id ?? last?.deployment_id ?? null;
  const place = totalOf(totals, hour, { ...dimensionsOf(row), deployment_id });
  place.requests += 1;
  place.latency_ms += row.latency_ms;
  if (row.outcome === 'error') place.errors += 1;
  else if (row.outcome === 'cancelled') place.cancelled += 1;
  else if (row.outcome === 'unknown') place.unknown += 1;
  for (const attempt of row.attempts) {
    const total = totalOf(totals, hour, {
      ...dimensionsOf(row),
      deployment_id: attempt.deployment_id,
      provider_id: attempt.provider_id,
    });
    total.attempts += 1;
    if (attempt.unpriced) total.unpriced_attempts += 1;
    total.cost_nanos = add(total.cost_nanos, attempt.cost_nanos);
    addCounts(total.tokens, attempt.tokens);
  }
}

/** Adds what an agent summed up itself. */
export function addRollup(totals: HourlyTotals, record: UsageRollupRecord, known: KnownIds): void {
  const total = totalOf(totals, hourOf(record.hour), {
    key_id: only(known.keys, record.key_id),
    team_id: only(known.teams, record.team_id),
    route_id: only(known.routes, record.route_id),
    requested_id: only(known.deployments, record.requested_id) ?? only(known.routes, record.requested_id),
    deployment_id: only(known.deployments, record.deployment_id),
    provider_id: only(known.providers, record.provider_id),
  });
  for (const name of REPORTED) total[name] = add(total[name], record[name]);
  // An older agent's total does not say what of it had no price; the deployment's own price is what there is to go by.
  if (record.unpriced_attempts !== undefined)
    total.unpriced_attempts = add(total.unpriced_attempts, record.unpriced_attempts);
  else if (
    record.cost_nanos === 0 &&
    record.deployment_id !== null &&
    known.unpriced.has(record.deployment_id)
  )
    total.unpriced_attempts = add(total.unpriced_attempts, record.attempts);
  addCounts(total.tokens, record.tokens);
}

function dimensionsOf(row: RequestRow): Dimensions {
  return {
    key_id: row.key_id,
    team_id: row.team_id,
    route_id: row.route_id,
    requested_id: row.requested_id,
    deployment_id: row.deployment_id,
    provider_id: row.provider_id,
  };
}

/** Sums stay at the largest exact integer rather than pass it: an agent that reports nonsense must not block its stream. */
function add(sum: number, value: number): number {
  return Math.min(sum + value, LARGEST);
}

function addCounts(sum: TokenCounts, counts: TokenCounts): void {
  for (const name of USAGE_CLASSES) {
    const value = counts[name];
    if (value) sum[name] = add(sum[name] ?? 0, value);
  }
}

const COLUMNS: readonly Column<Total>[] = [
  { name: 'hour', type: 'timestamptz', of: (total) => total.hour },
  ...DIMENSIONS.map((name): Column<Total> => ({ name, type: 'uuid', of: (total) => total[name] ?? NO_ID })),
  ...COUNTS.map((name): Column<Total> => ({ name, type: 'bigint', of: (total) => total[name] })),
  ...USAGE_COLUMNS.map(
    ({ usage, column }): Column<Total> => ({
      name: column,
      type: 'bigint',
      of: (total) => total.tokens[usage] ?? 0,
    }),
  ),
];

const SUMS = [...COUNTS, ...USAGE_COLUMNS.map(({ column }) => column)];

/** Adds totals to the stored ones. In the order of their keys, so that two batches at once never wait for each other in a circle. */
export async function storeTotals(
  transaction: DatabaseTransaction,
  organizationId: string,
  totals: HourlyTotals,
): Promise<void> {
  if (totals.size === 0) return;
  const rows = [...totals.values()].sort((a, b) => (a.sortKey < b.sortKey ? -1 : 1));
  const assignments = SUMS.map(
    (name) => sql`
      ${sql.ref(name)} =
        least(usage_hourly.${sql.ref(name)}::numeric + excluded.${sql.ref(name)}, ${LARGEST}::bigint)::bigint`,
  );
  await sql`
    ${insertColumns('usage_hourly', organizationId, COLUMNS, rows)}
    on conflict (org_id, hour, ${sql.join(DIMENSIONS.map((name) => sql.ref(name)))})
    do update set ${sql.join(assignments)}
  `.execute(transaction);
}
