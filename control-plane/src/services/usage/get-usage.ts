import { inputTokens, outputTokens, TOKEN_CLASSES, type TokenCounts } from '@bonito/protocol';
import { tenantTransaction } from '../../db/transactions.ts';
import type { ServiceContext } from '../service-context.ts';
import { ServiceError } from '../service-error.ts';
import { selectUsage, selectUsageTotals, type UsageSums } from './usage.queries.ts';
import type { UsageAnswer, UsageCounts, UsageQuery, UsageRow } from './usage.schemas.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const DEFAULT_DAYS = 30;
const LONGEST_DAYS = 400;

/**
 * Usage from the hourly totals, which ingest keeps up to date: what a batch brought is here as soon as it is acknowledged.
 *
 * @throws ServiceError `invalid_request` for a span that is empty or too long, or a foreign cursor
 */
export async function getUsage(context: ServiceContext, query: UsageQuery): Promise<UsageAnswer> {
  const { from, to } = readSpan(query, context.clock.now());
  const offset = readOffset(query.cursor);
  const scope = { organizationId: context.organizationId, from, to, keyId: query.key_id };
  const [rows, totals] = await tenantTransaction(
    context.db,
    context.organizationId,
    async (transaction) => [
      await selectUsage(transaction, scope, query.group_by, { offset, limit: query.limit + 1 }),
      await selectUsageTotals(transaction, scope),
    ],
    // Both see the same moment, so that the rows add up to the totals.
    'repeatable read',
  );
  return {
    from: from.toISOString(),
    to: to.toISOString(),
    data: rows.slice(0, query.limit).map(presentRow),
    totals: presentCounts(totals),
    next_cursor: rows.length > query.limit ? String(offset + query.limit) : null,
  };
}

/** The hours that are meant: `to` is rounded up to a whole one, `from` down. */
function readSpan(query: Pick<UsageQuery, 'from' | 'to'>, now: number): { from: Date; to: Date } {
  const to = Math.ceil((query.to ? Date.parse(query.to) : now + 1) / HOUR) * HOUR;
  const from = Math.floor((query.from ? Date.parse(query.from) : to - DEFAULT_DAYS * DAY) / HOUR) * HOUR;
  if (from >= to) throw invalid('from', '"from" must be before "to"');
  if (to - from > LONGEST_DAYS * DAY) throw invalid('from', `ask for at most ${LONGEST_DAYS} days at once`);
  return { from: new Date(from), to: new Date(to) };
}

function readOffset(cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  if (/^[1-9][0-9]{0,8}$/.test(cursor)) return Number(cursor);
  throw invalid('cursor', 'the cursor is not one that this list answered with');
}

function invalid(path: string, message: string): ServiceError {
  return new ServiceError('invalid_request', message, [{ path, message }]);
}

function presentRow(row: UsageSums): UsageRow {
  return {
    ...(row.day !== undefined && { day: row.day }),
    ...(row.model !== undefined && { model: row.model }),
    ...(row.key_id !== undefined && { key_id: row.key_id, key: row.key ?? null }),
    ...(row.provider_id !== undefined && { provider_id: row.provider_id, provider: row.provider ?? null }),
    ...presentCounts(row),
  };
}

function presentCounts(row: UsageSums | undefined): UsageCounts {
  const tokens: TokenCounts = Object.fromEntries(
    TOKEN_CLASSES.map((name) => [name, row?.[`tokens_${name}`] ?? 0]),
  );
  return {
    requests: row?.requests ?? 0,
    errors: row?.errors ?? 0,
    cancelled: row?.cancelled ?? 0,
    unknown: row?.unknown ?? 0,
    attempts: row?.attempts ?? 0,
    input_tokens: inputTokens(tokens),
    output_tokens: outputTokens(tokens),
    tokens: tokens as UsageCounts['tokens'],
    cost_nanos: row?.cost_nanos ?? 0,
    latency_ms: row?.latency_ms ?? 0,
  };
}
