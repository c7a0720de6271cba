import { type Kysely, sql } from 'kysely';

/** What further kinds of providers need, and the tokens that are written to a cache for an hour. Adds only. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  `alter table providers
    add column preset text,
    add column api_version text,
    add column project text`,
  `alter table deployments add column wire text`,
  `alter table routes add column strict boolean not null default false`,
  // Partitions follow their tables.
  `alter table gateway_requests add column tokens_cache_write_1h bigint`,
  `alter table gateway_request_attempts add column tokens_cache_write_1h bigint`,
  `alter table usage_hourly add column tokens_cache_write_1h bigint not null default 0`,
];
