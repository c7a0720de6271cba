import { sql } from 'kysely';
import { type Database, systemTransaction } from '../../db/transactions.ts';

/**
 * Removes the streams to which nothing was added for so many days, unless a process that the organization's fleet still
 * shows may be their writer: one that started before the stream's last record, give or take an hour between the clocks.
 *
 * @returns how many
 */
export function removeEndedStreams(database: Database, days: number): Promise<number> {
  return systemTransaction(database, async (transaction) => {
    const result = await sql`
      delete from ingest_streams s
      where s.updated_at < now() - make_interval(days => ${days}::int)
        and not exists (
          select from agents a
          where a.org_id = s.org_id and a.started_at <= s.updated_at + interval '1 hour'
        )
    `.execute(transaction);
    return Number(result.numAffectedRows ?? 0n);
  });
}
