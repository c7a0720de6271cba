import type {
  AgentRecord,
  AuditRecord,
  IngestAnswer,
  ModelsDiscoveredRecord,
  UsageRecord,
  UsageRollupRecord,
} from '@bonito/protocol';
import { sql } from 'kysely';
import { type Database, type DatabaseTransaction, tenantTransaction } from '../db/transactions.ts';
import { addRequest, addRollup, type HourlyTotals, storeTotals } from './hourly-totals.ts';
import { insertColumns } from './insert-columns.ts';
import { findKnownIds, mentionedIds } from './known-ids.ts';
import { type Quarantined, storeQuarantined } from './quarantine.ts';
import { storeAuditRecords, storeDiscoveredModels } from './side-records.ts';
import { advanceStream, lockStream } from './stream-rows.ts';
import { ATTEMPT_COLUMNS, type RequestRow, requestColumns, toRequestRow } from './usage-rows.ts';

/** A record of a batch, read, or the reason why it could not be. */
export type ParsedRecord =
  | { sequence: number; record: AgentRecord }
  | { sequence: number; invalid: { path: string; code: string } };

/** One delivery of a stream's records, in the order of their numbers and without gaps. */
export interface ParsedBatch {
  organizationId: string;
  /** The process that delivers, which need not be the one that wrote. */
  instance: string;
  stream: string;
  firstSequence: number;
  records: readonly ParsedRecord[];
}

/**
 * Applies what of a batch was not settled before, in one transaction under the stream's lock: however often and wherever
 * a batch is delivered, each record takes effect once. Everything below the answered mark is settled for good.
 *
 * @param receivedAt milliseconds since 1970
 */
export function applyBatch(
  database: Database,
  batch: ParsedBatch,
  receivedAt: number,
): Promise<IngestAnswer> {
  const { organizationId, stream, firstSequence, records } = batch;
  const now = new Date(receivedAt);
  return tenantTransaction(database, organizationId, async (transaction) => {
    const mark = await lockStream(transaction, organizationId, stream, now);
    const fresh = records.filter(({ sequence }) => sequence >= mark);
    if (fresh.length === 0) {
      return { next_sequence: mark, applied: 0, duplicates: records.length, quarantined: 0, lost: 0 };
    }
    const lost = Math.max(0, firstSequence - mark);
    const next = firstSequence + records.length;
    const sorted = sortRecords(fresh);
    await storeQuarantined(transaction, organizationId, stream, sorted.invalid, now);
    const twice = await applyUsage(transaction, organizationId, sorted, now);
    await storeAuditRecords(transaction, organizationId, batch.instance, sorted.audit);
    await storeDiscoveredModels(transaction, organizationId, sorted.models);
    await advanceStream(transaction, organizationId, stream, next, lost, now);
    return {
      next_sequence: next,
      applied: fresh.length - sorted.invalid.length - twice,
      duplicates: records.length - fresh.length + twice,
      quarantined: sorted.invalid.length,
      lost,
    };
  });
}

interface SortedRecords {
  usage: UsageRecord[];
  rollups: UsageRollupRecord[];
  audit: AuditRecord[];
  models: ModelsDiscoveredRecord[];
  invalid: Quarantined[];
}

function sortRecords(records: readonly ParsedRecord[]): SortedRecords {
  const sorted: SortedRecords = { usage: [], rollups: [], audit: [], models: [], invalid: [] };
  for (const parsed of records) {
    if ('invalid' in parsed) {
      sorted.invalid.push({ sequence: parsed.sequence, ...parsed.invalid });
      continue;
    }
    const { record } = parsed;
    if (record.kind === 'usage') sorted.usage.push(record);
    else if (record.kind === 'usage_rollup') sorted.rollups.push(record);
    else if (record.kind === 'audit') sorted.audit.push(record);
    else sorted.models.push(record);
  }
  return sorted;
}

/**
 * Stores requests, attempts and totals; answers how many requests were there already. That happens only when a record is
 * delivered under two numbers; the totals must not count it again.
 */
async function applyUsage(
  transaction: DatabaseTransaction,
  organizationId: string,
  { usage, rollups }: SortedRecords,
  now: Date,
): Promise<number> {
  if (usage.length === 0 && rollups.length === 0) return 0;
  const known = await findKnownIds(transaction, organizationId, mentionedIds(usage, rollups));
  const totals: HourlyTotals = new Map();
  for (const record of rollups) addRollup(totals, record, known);

  let rows = [...new Map(usage.map((record) => [record.id, record])).values()].map((record) =>
    toRequestRow(record, known),
  );
  if (rows.length > 0) {
    const inserted = await insertRequests(transaction, organizationId, rows, now);
    if (inserted.size < rows.length) rows = rows.filter((row) => inserted.has(row.id));
    await insertAttempts(transaction, organizationId, rows);
    for (const row of rows) addRequest(totals, row);
  }
  // Last, since other streams of the organization wait for these rows until the commit.
  await storeTotals(transaction, organizationId, totals);
  return usage.length - rows.length;
}

async function insertRequests(
  transaction: DatabaseTransaction,
  organizationId: string,
  rows: readonly RequestRow[],
  now: Date,
): Promise<ReadonlySet<string>> {
  const columns = requestColumns(now.toISOString());
  const { rows: inserted } = await sql<{ id: string }>`
    ${insertColumns('gateway_requests', organizationId, columns, rows)}
    on conflict (org_id, occurred_at, id) do nothing
    returning id
  `.execute(transaction);
  return new Set(inserted.map(({ id }) => id));
}

async function insertAttempts(
  transaction: DatabaseTransaction,
  organizationId: string,
  rows: readonly RequestRow[],
): Promise<void> {
  const placed = rows.flatMap((request) =>
    request.attempts.map((attempt, position) => ({ request, position, attempt })),
  );
  if (placed.length === 0) return;
  await insertColumns('gateway_request_attempts', organizationId, ATTEMPT_COLUMNS, placed).execute(
    transaction,
  );
}
