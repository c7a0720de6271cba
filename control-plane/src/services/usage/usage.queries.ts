import { type RawBuilder, sql } from 'kysely';
import type { DatabaseTransaction } from '../../db/transactions.ts';
import { USAGE_COLUMNS, type UsageColumn } from '../../db/usage-columns.ts';
import { NO_ID } from '../../ledger/hourly-totals.ts';
import type { Grouping } from './usage.schemas.ts';

const DAY = sql`to_char(u.hour at time zone 'UTC', 'YYYY-MM-DD')`;

/**
 * What a grouping adds to the query; groups are in the order of `value`. The nil UUID of "none" joins with nothing, so that
 * names and ids come out null.
 */
const GROUPING_SQL: Record<
  Grouping,
  { select: RawBuilder<unknown>; group: RawBuilder<unknown>; value: RawBuilder<unknown> }
> = {
  day: { select: sql`${DAY} as day`, group: DAY, value: DAY },
  model: { select: sql`d.name as model`, group: sql`d.name`, value: sql`d.name` },
  key: { select: sql`k.id as key_id, k.name as key`, group: sql`k.id, k.name`, value: sql`k.id::text` },
  provider: {
    select: sql`p.id as provider_id, p.name as provider`,
    group: sql`p.id, p.name`,
    value: sql`p.id::text`,
  },
};

/** Where a page of groups ends: the last one's day, model, key's id and provider's id, as far as they were asked for. */
export type GroupPosition = readonly (string | null)[];

/** A group's place in the order: that without a name comes last. */
function place(value: RawBuilder<unknown> | string | null): RawBuilder<unknown> {
  return typeof value === 'object' && value !== null
    ? sql`${value} is null, coalesce(${value}, '')`
    : sql`${value === null}::boolean, ${value ?? ''}::text`;
}

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

/** Sums of totals. */
export interface UsageSums extends Record<UsageColumn | (typeof COUNTS)[number], number> {
  capacity_cost_nanos: number;
  day?: string;
  model?: string | null;
  key_id?: string | null;
  key?: string | null;
  provider_id?: string | null;
  provider?: string | null;
}

const SUMMED = [...COUNTS, ...USAGE_COLUMNS.map(({ column }) => column)];

// Sums of bigint are numeric, and beyond 2^53 the program could not read them exactly.
const SUMS = sql.join(
  [...SUMMED, 'capacity_cost_nanos'].map(
    (name) => sql`
      least(coalesce(sum(u.${sql.ref(name)}), 0), ${sql.lit(Number.MAX_SAFE_INTEGER)})::bigint as ${sql.ref(name)}`,
  ),
);

/** Whose hours are summed. */
export interface UsageScope {
  organizationId: string;
  from: Date;
  /** Exclusive. */
  to: Date;
  keyId: string | undefined;
  /** Capacity is counted until here; what is later has not been held yet. */
  now: Date;
}

/** The hours that are summed: of requests, and of capacity that was held, which belongs to no key. */
function hours(scope: UsageScope): RawBuilder<unknown> {
  const time = sql`org_id = ${scope.organizationId} and hour >= ${scope.from} and hour < ${scope.to}`;
  const requests = sql`
    select org_id, hour, key_id, deployment_id, provider_id, ${sql.join(SUMMED.map((name) => sql.ref(name)))},
           0::bigint as capacity_cost_nanos
    from usage_hourly
    where ${scope.keyId ? sql`${time} and key_id = ${scope.keyId}` : time}
  `;
  return scope.keyId ? requests : sql`${requests} union all ${capacity(scope)}`;
}

/** What capacity cost in each hour that it was held in, to the part of an hour; every moment is in one row at most. */
function capacity({ organizationId, from, to, now }: UsageScope): RawBuilder<unknown> {
  const end = sql`least(coalesce(c.ended_at, ${now}::timestamptz), ${now}::timestamptz, ${to}::timestamptz)`;
  return sql`
    select c.org_id, h.hour, ${NO_ID}::uuid, c.deployment_id, c.provider_id, ${sql.join(SUMMED.map(() => sql`0::bigint`))},
           round(c.nanos_per_hour * (
             extract(epoch from least(h.hour + interval '1 hour', ${end}) - greatest(h.hour, c.started_at)) / 3600
           )::numeric)::bigint
    from capacity_periods c
    cross join lateral generate_series(
      date_trunc('hour', greatest(c.started_at, ${from}::timestamptz), 'UTC'),
      ${end} - interval '1 microsecond',
      interval '1 hour'
    ) as h (hour)
    where c.org_id = ${organizationId}
      and c.started_at < ${end}
      and ${end} > ${from}::timestamptz
  `;
}

/** Hourly totals summed by groups, in the groups' order. */
export async function selectUsage(
  transaction: DatabaseTransaction,
  scope: UsageScope,
  groupings: readonly Grouping[],
  page: { after: GroupPosition | undefined; limit: number },
): Promise<UsageSums[]> {
  const groups = sql.join(groupings.map((name) => GROUPING_SQL[name].group));
  const order = sql.join(groupings.map((name) => place(GROUPING_SQL[name].value)));
  const rest = page.after ? sql`and (${order}) > (${sql.join(page.after.map(place))})` : sql``;
  const { rows } = await sql<UsageSums>`
    select ${sql.join(groupings.map((name) => GROUPING_SQL[name].select))}, ${SUMS}
    from (${hours(scope)}) u
    left join deployments d on d.org_id = u.org_id and d.id = u.deployment_id
    left join keys k on k.org_id = u.org_id and k.id = u.key_id
    left join providers p on p.org_id = u.org_id and p.id = u.provider_id
    where true ${rest}
    group by ${groups}
    order by ${order}
    limit ${page.limit}
  `.execute(transaction);
  return rows;
}

/** Hourly totals summed over everything. */
export async function selectUsageTotals(
  transaction: DatabaseTransaction,
  scope: UsageScope,
): Promise<UsageSums | undefined> {
  const { rows } = await sql<UsageSums>`
    select ${SUMS} from (${hours(scope)}) u
  `.execute(transaction);
  return rows[0];
}
