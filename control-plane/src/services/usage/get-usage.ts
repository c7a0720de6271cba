import {
  inputTokens,
  outputTokens,
  TOKEN_CLASSES,
  type TokenClass,
  type TokenCounts,
  UNIT_CLASSES,
  type UnitClass,
} from '@bonito/protocol';
import { z } from 'zod';
import { tenantTransaction } from '../../db/transactions.ts';
import type { ServiceContext } from '../service-context.ts';
import { ServiceError } from '../service-error.ts';
import { type GroupPosition, selectUsage, selectUsageTotals, type UsageSums } from './usage.queries.ts';
import type { Grouping, UsageAnswer, UsageCounts, UsageQuery, UsageRow } from './usage.schemas.ts';

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
  const after = query.cursor === undefined ? undefined : parseCursor(query.cursor, query.group_by);
  const now = new Date(context.clock.now());
  const scope = { organizationId: context.organizationId, from, to, keyId: query.key_id, now };
  const [rows, totals] = await tenantTransaction(
    context.db,
    context.organizationId,
    async (transaction) => [
      await selectUsage(transaction, scope, query.group_by, { after, limit: query.limit + 1 }),
      await selectUsageTotals(transaction, scope),
    ],
    // Both see the same moment, so that the rows add up to the totals.
    'repeatable read',
  );
  const shown = rows.slice(0, query.limit);
  const last = shown.at(-1);
  return {
    from: from.toISOString(),
    to: to.toISOString(),
    data: shown.map(presentRow),
    totals: presentCounts(totals),
    next_cursor: rows.length > query.limit && last ? formatCursor(last, query.group_by) : null,
  };
}

/** The hours that are meant: `to` is rounded up to a whole one, `from` down. */
function readSpan(query: Pick<UsageQuery, 'from' | 'to'>, now: number): { from: Date; to: Date } {
  const to = Math.ceil((query.to ? Date.parse(query.to) : now + 1) / HOUR) * HOUR;
  const from = Math.floor((query.from ? Date.parse(query.from) : to - DEFAULT_DAYS * DAY) / HOUR) * HOUR;
  if (from >= to) throw invalid('from', '"from" must be before "to"');
  if (to - from > LONGEST_DAYS * DAY)
    throw invalid('from', `"from" is more than ${LONGEST_DAYS} days before "to": ask for less at once`);
  return { from: new Date(from), to: new Date(to) };
}

const POSITION = {
  day: (row) => row.day,
  model: (row) => row.model,
  key: (row) => row.key_id,
  provider: (row) => row.provider_id,
} satisfies Record<Grouping, (row: UsageSums) => string | null | undefined>;

/** Only text that a database can be asked for. */
const positionSchema = z.array(
  z
    .string()
    .max(200)
    .refine((text) => text.isWellFormed() && !text.includes('\0'))
    .nullable(),
);

/** A page ends at a group, not at a number of groups: one that appears meanwhile moves none of the others. */
function formatCursor(last: UsageSums, groupings: readonly Grouping[]): string {
  const position = groupings.map((name) => POSITION[name](last) ?? null);
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

function parseCursor(cursor: string, groupings: readonly Grouping[]): GroupPosition {
  try {
    const position = positionSchema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
    if (position.length === groupings.length) return position;
  } catch {
    // Neither JSON nor a position: not a cursor.
  }
  throw invalid('cursor', 'the cursor is not one that this list answered with for this grouping');
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

/** The sum of what is known; null where nothing of it is. */
function knownCost(row: UsageSums | undefined): number | null {
  if (!row) return 0;
  return row.unpriced_attempts > 0 && row.cost_nanos === 0 ? null : row.cost_nanos;
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
    tokens: tokens as Record<TokenClass, number>,
    units: Object.fromEntries(UNIT_CLASSES.map((name) => [name, row?.[`units_${name}`] ?? 0])) as Record<
      UnitClass,
      number
    >,
    unpriced_attempts: row?.unpriced_attempts ?? 0,
    cost_nanos: knownCost(row),
    capacity_cost_nanos: row?.capacity_cost_nanos ?? 0,
    latency_ms: row?.latency_ms ?? 0,
  };
}
