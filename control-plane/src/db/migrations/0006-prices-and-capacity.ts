import { type Kysely, sql } from 'kysely';
import { protectTenantTable } from '../row-level-security.ts';

/** Prices by tier, place and hour, what is billed without being tokens, and the time that capacity was held. Adds only. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  await protectTenantTable(db, 'capacity_periods', ['select', 'insert', 'update']);
}

const STATEMENTS = [
  `alter table deployments
    add column catalog_id text,
    add column price_variants jsonb,
    add column price_per_hour bigint,
    add column price_edition text`,
  // Partitions follow their tables.
  ...['gateway_requests', 'gateway_request_attempts'].map(
    (table) => `alter table ${table}
      add column units_searches bigint,
      add column units_audio_seconds bigint,
      add column units_characters bigint,
      add column units_images bigint`,
  ),
  `alter table usage_hourly
    add column units_searches bigint not null default 0,
    add column units_audio_seconds bigint not null default 0,
    add column units_characters bigint not null default 0,
    add column units_images bigint not null default 0`,
  `create table capacity_periods (
    org_id uuid not null,
    deployment_id uuid not null,
    started_at timestamptz not null,
    ended_at timestamptz,
    provider_id uuid not null,
    nanos_per_hour bigint not null,
    price_revision text not null,
    primary key (org_id, deployment_id, started_at),
    foreign key (org_id, deployment_id) references deployments (org_id, id)
  )`,
  // Of one deployment's periods at most one is open.
  `create unique index capacity_periods_open on capacity_periods (org_id, deployment_id) where ended_at is null`,
];
