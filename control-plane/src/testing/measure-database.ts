import { sql } from 'kysely';
import { type Database, tenantTransaction } from '../db/transactions.ts';

/** How many requests an organization has, row by row and by the hourly totals. */
export function countRequests(
  database: Database,
  organizationId: string,
): Promise<{ rows: number; totals: number } | undefined> {
  return tenantTransaction(database, organizationId, async (transaction) => {
    const { rows } = await sql<{ rows: number; totals: number }>`
      select (select count(*)::int from gateway_requests) as rows,
             (select coalesce(sum(requests), 0)::int from usage_hourly) as totals
    `.execute(transaction);
    return rows[0];
  });
}

/** The process ids of a server's connections and helpers. */
export function serverProcesses(database: Database, organizationId: string): Promise<number[]> {
  return tenantTransaction(database, organizationId, async (transaction) => {
    const { rows } = await sql<{ pid: number }>`select pid from pg_stat_activity`.execute(transaction);
    return rows.map(({ pid }) => pid);
  });
}
