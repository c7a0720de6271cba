import { setImmediate as nextTurn } from 'node:timers/promises';
import type { IngestAnswer, IngestRequest } from '@bonito/protocol';
import type { Database } from '../../db/transactions.ts';
import { applyBatch, type ParsedBatch } from '../../ledger/apply-batch.ts';
import { parseRecords } from './parse-records.ts';

/** Takes a batch in: reads its records, applies what is new, puts aside what cannot be. */
export async function ingestBatch(
  database: Database,
  agent: { organizationId: string; instance: string },
  request: IngestRequest,
  now: number,
): Promise<IngestAnswer> {
  const records = await parseRecords(request.first_sequence, request.records, () => nextTurn());
  return applyOrSplit(
    database,
    { ...agent, stream: request.stream, firstSequence: request.first_sequence, records },
    now,
  );
}

/**
 * Applies a batch. Should the database refuse a value that passed every check, the batch is halved until the record that
 * holds it stands alone, and that one is quarantined: no record ever blocks its stream.
 */
async function applyOrSplit(database: Database, batch: ParsedBatch, now: number): Promise<IngestAnswer> {
  try {
    return await applyBatch(database, batch, now);
  } catch (error) {
    if (!isDataError(error)) throw error;
  }
  const [only] = batch.records;
  if (batch.records.length === 1 && only) {
    const invalid = { sequence: only.sequence, invalid: { path: '', code: 'not_storable' } };
    return applyBatch(database, { ...batch, records: [invalid] }, now);
  }
  const middle = Math.ceil(batch.records.length / 2);
  const first = await applyOrSplit(database, { ...batch, records: batch.records.slice(0, middle) }, now);
  const second = await applyOrSplit(
    database,
    { ...batch, firstSequence: batch.firstSequence + middle, records: batch.records.slice(middle) },
    now,
  );
  return {
    next_sequence: second.next_sequence,
    applied: first.applied + second.applied,
    duplicates: first.duplicates + second.duplicates,
    quarantined: first.quarantined + second.quarantined,
    lost: first.lost + second.lost,
  };
}

/** Classes 22 (data exception) and 23 (constraint violation): the same batch would fail again. */
function isDataError(error: unknown): boolean {
  return (
    error instanceof Error && 'code' in error && typeof error.code === 'string' && /^2[23]/.test(error.code)
  );
}
