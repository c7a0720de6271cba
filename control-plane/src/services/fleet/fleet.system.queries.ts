import { sql } from 'kysely';
import { type Database, systemTransaction } from '../../db/transactions.ts';

/** Forgets agent processes that were not seen for so many days, the longest unseen of an organization that has too many, and old commands. */
export function removeOldAgents(
  database: Database,
  limits: { days: number; perOrganization: number },
): Promise<void> {
  return systemTransaction(database, async (transaction) => {
    await sql`
      delete from agents where last_seen_at < now() - make_interval(days => ${limits.days}::int)
    `.execute(transaction);
    await sql`
      delete from agents a
      using (
        select org_id, instance, row_number() over (partition by org_id order by last_seen_at desc) as place
        from agents
      ) ranked
      where ranked.place > ${limits.perOrganization}
        and a.org_id = ranked.org_id
        and a.instance = ranked.instance
    `.execute(transaction);
    await sql`
      delete from agent_commands where created_at < now() - make_interval(days => ${limits.days}::int)
    `.execute(transaction);
  });
}

/**
 * Ends the grace of token generations that were replaced: a day after the last use, unless a process that was seen within
 * a day still uses it. Answers how many ended.
 */
export function endTokenGrace(database: Database): Promise<number> {
  return systemTransaction(database, async (transaction) => {
    const result = await sql`
      update agent_tokens t
      set previous_sha256 = null, previous_last_used_at = null
      where t.previous_sha256 is not null
        and t.previous_last_used_at < now() - interval '24 hours'
        and not exists (
          select from agents a
          where a.org_id = t.org_id
            and a.token_id = t.id
            and a.token_generation < t.generation
            and a.last_seen_at >= now() - interval '24 hours'
        )
    `.execute(transaction);
    return Number(result.numAffectedRows ?? 0n);
  });
}
