import { type Kysely, sql } from 'kysely';

/** What a route does with opaque state that a target did not issue. Adds only. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table routes add column foreign_state text not null default 'shed'`.execute(db);
}
