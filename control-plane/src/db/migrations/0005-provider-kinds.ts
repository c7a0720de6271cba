import { type Kysely, sql } from 'kysely';

/** What further kinds of providers need, tokens that are written to a cache for an hour, prices that nobody knows. Adds only. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  `alter table providers
    add column preset text,
    add column api_version text,
    add column project text`,
  `alter table deployments
    add column wire text,
    add column price_source text not null default 'own',
    add column price_thresholds jsonb`,
  `alter table routes add column strict boolean not null default false`,
  // Partitions follow their tables.
  // What was used under an unknown price has an unknown cost; \`cost_nanos\` sums what is known.
  `alter table gateway_requests
    add column tokens_cache_write_1h bigint,
    add column unpriced_attempts smallint`,
  `alter table gateway_request_attempts
    add column tokens_cache_write_1h bigint,
    add column unpriced boolean`,
  `alter table usage_hourly
    add column tokens_cache_write_1h bigint not null default 0,
    add column unpriced_attempts bigint not null default 0`,
  `alter table agent_commands
    add column reason text,
    add column permission text`,
];
