import { sql } from 'kysely';
import { type Database, systemTransaction } from '../../db/transactions.ts';

/** Removes quarantine entries that are too old, and the oldest of an organization that has too many. */
export function trimQuarantine(
  database: Database,
  limits: { days: number; perOrganization: number },
): Promise<void> {
  return systemTransaction(database, async (transaction) => {
    await sql`
      delete from ingest_quarantine where received_at < now() - make_interval(days => ${limits.days}::int)
    `.execute(transaction);
    await sql`
      delete from ingest_quarantine q
      using (
        select org_id, stream, sequence,
               row_number() over (partition by org_id order by received_at desc) as place
        from ingest_quarantine
      ) ranked
      where ranked.place > ${limits.perOrganization}
        and q.org_id = ranked.org_id
        and q.stream = ranked.stream
        and q.sequence = ranked.sequence
    `.execute(transaction);
  });
}
