import { sql } from 'kysely';
import type { DatabaseTransaction } from '../db/transactions.ts';

/** Takes the stream's row for this transaction and answers its mark: everything below is settled. A new stream is at 0. */
export async function lockStream(
  transaction: DatabaseTransaction,
  organizationId: string,
  stream: string,
  now: Date,
): Promise<number> {
  await sql`
    insert into ingest_streams (org_id, stream, next_seq, lost, created_at, updated_at)
    values (${organizationId}, ${stream}, 0, 0, ${now}, ${now})
    on conflict do nothing
  `.execute(transaction);
  const { rows } = await sql<{ next_seq: number }>`
    select next_seq from ingest_streams where org_id = ${organizationId} and stream = ${stream} for update
  `.execute(transaction);
  const row = rows[0];
  if (!row) throw new Error('the stream has no row, although it was just made');
  return row.next_seq;
}

/** Moves the mark of a locked stream. */
export async function advanceStream(
  transaction: DatabaseTransaction,
  organizationId: string,
  stream: string,
  next: number,
  lost: number,
  now: Date,
): Promise<void> {
  await sql`
    update ingest_streams
    set next_seq = ${next}, lost = lost + ${lost}, updated_at = ${now}
    where org_id = ${organizationId} and stream = ${stream}
  `.execute(transaction);
}
