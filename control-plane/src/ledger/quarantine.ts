import type { DatabaseTransaction } from '../db/transactions.ts';
import { type Column, insertColumns } from './insert-columns.ts';

/** A record that could not be read: where it stood, and which field was wrong how. Never what stood there. */
export interface Quarantined {
  sequence: number;
  path: string;
  code: string;
}

/** Entries that are kept of one batch; the answer counts all of them. */
export const QUARANTINE_PER_BATCH = 100;

/** Notes the first invalid records of a batch. */
export async function storeQuarantined(
  transaction: DatabaseTransaction,
  organizationId: string,
  stream: string,
  invalid: readonly Quarantined[],
  now: Date,
): Promise<void> {
  if (invalid.length === 0) return;
  const columns: Column<Quarantined>[] = [
    { name: 'stream', type: 'uuid', of: () => stream },
    { name: 'sequence', type: 'bigint', of: (entry) => entry.sequence },
    { name: 'received_at', type: 'timestamptz', of: () => now.toISOString() },
    { name: 'path', type: 'text', of: (entry) => entry.path },
    { name: 'code', type: 'text', of: (entry) => entry.code },
  ];
  await insertColumns(
    'ingest_quarantine',
    organizationId,
    columns,
    invalid.slice(0, QUARANTINE_PER_BATCH),
  ).execute(transaction);
}
