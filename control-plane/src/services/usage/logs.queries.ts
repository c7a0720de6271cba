import type { Outcome, SurfaceName } from '@bonito/protocol';
import { type RawBuilder, sql } from 'kysely';
import type { DatabaseTransaction } from '../../db/transactions.ts';
import { USAGE_COLUMNS, type UsageColumn } from '../../db/usage-columns.ts';

type UsageColumns = { [Column in UsageColumn]: number | null };

/** A request with the names of what it used, deleted things included. */
export interface LoggedRequest extends UsageColumns {
  id: string;
  request_id: string;
  occurred_at: Date;
  outcome: Outcome;
  error_code: string | null;
  status: number | null;
  key_id: string | null;
  key: string | null;
  model_requested: string | null;
  model_used: string | null;
  route: string | null;
  provider: string | null;
  provider_id: string | null;
  surface: SurfaceName;
  stream: boolean;
  cost_nanos: number;
  latency_ms: number;
  time_to_first_token_ms: number | null;
  attempts: number;
  unpriced_attempts: number | null;
  cache: string;
  config_epoch: number;
  config_revision: number;
  source: string;
}

/** Which requests are looked for. */
export interface LogFilter {
  organizationId: string;
  outcomes: readonly Outcome[] | undefined;
  model: string | undefined;
  provider: string | undefined;
  keyId: string | undefined;
  requestId: string | undefined;
  from: Date | undefined;
  to: Date | undefined;
  /** Only older ones than this. */
  before: { occurredAt: Date; id: string } | undefined;
  limit: number;
}

/** The text of each condition that a filter names. */
function conditions(filter: LogFilter): RawBuilder<unknown>[] {
  const organization = filter.organizationId;
  const list = [sql`r.org_id = ${organization}`];
  if (filter.outcomes) list.push(sql`r.outcome = any(${[...filter.outcomes]}::text[])`);
  if (filter.keyId) list.push(sql`r.key_id = ${filter.keyId}`);
  if (filter.requestId) list.push(sql`r.request_id = ${filter.requestId}`);
  if (filter.from) list.push(sql`r.occurred_at >= ${filter.from}`);
  if (filter.to) list.push(sql`r.occurred_at < ${filter.to}`);
  if (filter.before)
    list.push(
      sql`(r.occurred_at, r.id) < (${filter.before.occurredAt}::timestamptz, ${filter.before.id}::uuid)`,
    );
  if (filter.model !== undefined) {
    const named = (table: string) =>
      sql`select id from ${sql.table(table)} where org_id = ${organization} and name = ${filter.model}`;
    list.push(sql`
      (r.requested_id in (${named('deployments')} union all ${named('routes')})
        or r.deployment_id in (${named('deployments')}))`);
  }
  if (filter.provider !== undefined) {
    list.push(sql`
      r.provider_id in (
        select id
        from providers
        where org_id = ${organization} and (name = ${filter.provider} or id::text = ${filter.provider})
      )`);
  }
  return list;
}

const USED = (table: string) => sql.join(USAGE_COLUMNS.map(({ column }) => sql.ref(`${table}.${column}`)));

/** Requests, newest first. */
export async function selectLogs(
  transaction: DatabaseTransaction,
  filter: LogFilter,
): Promise<LoggedRequest[]> {
  const { rows } = await sql<LoggedRequest>`
    select r.id, r.request_id, r.occurred_at, r.outcome, r.error_code, r.status, r.key_id, k.name as key,
           coalesce(rd.name, rr.name) as model_requested, d.name as model_used, route.name as route,
           r.provider_id, p.name as provider, r.surface, r.stream, r.cost_nanos, r.latency_ms,
           r.time_to_first_token_ms, r.attempts, r.unpriced_attempts, r.cache, r.config_epoch, r.config_revision, r.source,
           ${USED('r')}
    from gateway_requests r
    left join keys k on k.org_id = r.org_id and k.id = r.key_id
    left join deployments rd on rd.org_id = r.org_id and rd.id = r.requested_id
    left join routes rr on rr.org_id = r.org_id and rr.id = r.requested_id
    left join deployments d on d.org_id = r.org_id and d.id = r.deployment_id
    left join routes route on route.org_id = r.org_id and route.id = r.route_id
    left join providers p on p.org_id = r.org_id and p.id = r.provider_id
    where ${sql.join(conditions(filter), sql` and `)}
    order by r.occurred_at desc, r.id desc
    limit ${filter.limit}
  `.execute(transaction);
  return rows;
}

/** An attempt with the names of what it used. */
export interface LoggedAttempt extends UsageColumns {
  request_record_id: string;
  provider: string | null;
  model: string | null;
  outcome: Outcome;
  status: number | null;
  error_code: string | null;
  quality: string;
  unpriced: boolean | null;
  cost_nanos: number;
  price_revision: string;
  latency_ms: number;
}

/** The attempts of some requests, in the order in which they were made. */
export async function selectAttempts(
  transaction: DatabaseTransaction,
  organizationId: string,
  requests: readonly { id: string; occurred_at: Date }[],
): Promise<LoggedAttempt[]> {
  if (requests.length === 0) return [];
  const { rows } = await sql<LoggedAttempt>`
    select a.request_record_id, p.name as provider, d.name as model, a.outcome, a.status, a.error_code,
           a.quality, a.unpriced, a.cost_nanos, a.price_revision, a.latency_ms, ${USED('a')}
    from unnest(
      ${requests.map((request) => request.id)}::uuid[],
      ${requests.map((request) => request.occurred_at.toISOString())}::timestamptz[]
    ) as wanted (id, occurred_at)
    join gateway_request_attempts a
      on a.org_id = ${organizationId}
      and a.occurred_at = wanted.occurred_at
      and a.request_record_id = wanted.id
    left join deployments d on d.org_id = a.org_id and d.id = a.deployment_id
    left join providers p on p.org_id = a.org_id and p.id = a.provider_id
    order by a.request_record_id, a.position
  `.execute(transaction);
  return rows;
}
