import { sql } from 'kysely';
import { type Database, type DatabaseTransaction, ownerTransaction } from '../db/transactions.ts';

/** The tables that are partitioned by month on `occurred_at`. */
export const PARTITIONED_TABLES = ['gateway_requests', 'gateway_request_attempts'] as const;

/** A month: its first moment, and the first moment after it, as the database reads them. */
export interface Month {
  /** `2026_11` */
  suffix: string;
  from: string;
  to: string;
}

/**
 * Makes the partitions that are missing, each in a transaction of its own. Rows of a month that came early lie in the
 * default partition and move over. Answers the names of the new ones.
 */
export async function makePartitions(database: Database, months: readonly Month[]): Promise<string[]> {
  const made: string[] = [];
  for (const table of PARTITIONED_TABLES) {
    for (const month of months) {
      const name = `${table}_${month.suffix}`;
      const isNew = await ownerTransaction(database, (transaction) =>
        makePartition(transaction, table, name, month),
      );
      if (isNew) made.push(name);
    }
  }
  return made;
}

async function makePartition(
  transaction: DatabaseTransaction,
  table: string,
  name: string,
  month: Month,
): Promise<boolean> {
  // Replicas that start together take turns; the later one finds the partition made.
  await sql`select pg_advisory_xact_lock(hashtext('bonito.partitions'))`.execute(transaction);
  const { rows } = await sql<{ exists: boolean }>`
    select to_regclass(${name}) is not null as exists
  `.execute(transaction);
  if (rows[0]?.exists) return false;
  const fallback = sql.table(`${table}_default`);
  const partition = sql.table(name);
  await sql`create table ${partition} (like ${sql.table(table)} including defaults)`.execute(transaction);
  // Forced, row-level security hides every row from the owner too; nobody else sees this before the commit.
  await sql`alter table ${fallback} no force row level security`.execute(transaction);
  await sql`
    with moved as (
      delete from ${fallback}
      where occurred_at >= ${month.from}::timestamptz and occurred_at < ${month.to}::timestamptz
      returning *
    )
    insert into ${partition} select * from moved
  `.execute(transaction);
  await sql`alter table ${fallback} force row level security`.execute(transaction);
  await sql`
    alter table ${sql.table(table)} attach partition ${partition}
      for values from (${sql.lit(month.from)}) to (${sql.lit(month.to)})
  `.execute(transaction);
  await sql`alter table ${partition} enable row level security, force row level security`.execute(
    transaction,
  );
  return true;
}
