import { type Kysely, sql } from 'kysely';
import { allowSystem, protectTenantTable } from '../row-level-security.ts';

/** What agents fetch, and what is known about agents. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of TABLES) await sql.raw(statement).execute(db);
  for (const table of ['org_revisions', 'config_sections', 'agents', 'agent_commands']) {
    await protectTenantTable(db, table);
  }
  await allowSystem(db, 'org_revisions', ['select', 'insert', 'update']);
  await allowSystem(db, 'config_sections', ['select', 'delete']);
  await allowSystem(db, 'agents', ['select', 'delete']);
  await allowSystem(db, 'agent_commands', ['select', 'delete']);
  await allowSystem(db, 'audit_log', ['insert']);
}

const TABLES = [
  `create table org_revisions (
    org_id uuid primary key references organizations (id),
    epoch int not null,
    revision bigint not null,
    published_at timestamptz not null,
    sections jsonb not null
  )`,
  `create index org_revisions_published_at on org_revisions (published_at)`,

  `create table config_sections (
    org_id uuid not null references organizations (id),
    digest text not null check (length(digest) = 64),
    name text not null,
    bytes bytea not null,
    created_at timestamptz not null,
    superseded_at timestamptz,
    primary key (org_id, digest)
  )`,
  `create index config_sections_live on config_sections (org_id) where superseded_at is null`,
  `create index config_sections_superseded_at on config_sections (superseded_at) where superseded_at is not null`,

  `create table agents (
    org_id uuid not null references organizations (id),
    instance uuid not null,
    token_id uuid not null,
    token_generation int not null,
    version text not null,
    protocol bigint not null,
    started_at timestamptz not null,
    first_seen_at timestamptz not null,
    last_seen_at timestamptz not null,
    applied_epoch bigint,
    applied_revision bigint,
    rejection jsonb,
    spool jsonb not null,
    requests jsonb not null,
    providers jsonb not null,
    primary key (org_id, instance)
  )`,
  `create index agents_last_seen_at on agents (last_seen_at)`,

  `create table agent_commands (
    org_id uuid not null references organizations (id),
    id uuid not null,
    instance uuid not null,
    type text not null,
    provider_id uuid,
    created_at timestamptz not null,
    delivered_at timestamptz,
    answered_at timestamptz,
    result text,
    error_code text,
    primary key (org_id, id)
  )`,
  `create index agent_commands_open on agent_commands (org_id, instance) where answered_at is null`,
  `create index agent_commands_created_at on agent_commands (created_at)`,
];
