import { type Kysely, sql } from 'kysely';
import { allowSystem, createPartition, protectTenantTable } from '../row-level-security.ts';

/** What agents report: streams, requests with their attempts, hourly totals. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of TABLES) await sql.raw(statement).execute(db);
  await protectTenantTable(db, 'ingest_streams', ['select', 'insert', 'update']);
  await protectTenantTable(db, 'ingest_quarantine');
  await protectTenantTable(db, 'gateway_requests', ['select', 'insert']);
  await protectTenantTable(db, 'gateway_request_attempts', ['select', 'insert']);
  await protectTenantTable(db, 'usage_hourly', ['select', 'insert', 'update']);
  await protectTenantTable(db, 'discovered_models', ['select', 'insert', 'update']);
  await allowSystem(db, 'ingest_quarantine', ['select', 'delete']);
  // Rows whose month has no partition: late ones, and ones of an agent whose clock is wrong.
  await createPartition(db, 'gateway_requests', 'gateway_requests_default', 'default');
  await createPartition(db, 'gateway_request_attempts', 'gateway_request_attempts_default', 'default');
}

/** In detail rows null stands for zero, which takes no space; totals are never null. */
const DETAIL_TOKENS = `
    tokens_input bigint,
    tokens_cache_read bigint,
    tokens_cache_write bigint,
    tokens_audio_input bigint,
    tokens_image_input bigint,
    tokens_output bigint,
    tokens_reasoning bigint,
    tokens_audio_output bigint,
    tokens_image_output bigint`;
const TOTAL_TOKENS = DETAIL_TOKENS.replaceAll('bigint', 'bigint not null');

const TABLES = [
  `create table ingest_streams (
    org_id uuid not null references organizations (id),
    stream uuid not null,
    next_seq bigint not null,
    lost bigint not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (org_id, stream)
  )`,

  `create table ingest_quarantine (
    org_id uuid not null references organizations (id),
    stream uuid not null,
    sequence bigint not null,
    received_at timestamptz not null,
    path text not null,
    code text not null,
    primary key (org_id, stream, sequence)
  )`,
  `create index ingest_quarantine_received_at on ingest_quarantine (received_at)`,

  `create table gateway_requests (
    org_id uuid not null,
    occurred_at timestamptz not null,
    id uuid not null,
    request_id uuid not null,
    received_at timestamptz not null,
    key_id uuid,
    team_id uuid,
    route_id uuid,
    requested_id uuid,
    deployment_id uuid,
    provider_id uuid,
    surface text not null,
    stream boolean not null,
    status smallint,
    outcome text not null,
    error_code text,
    attempts smallint not null,
    ${DETAIL_TOKENS},
    cost_nanos bigint not null,
    latency_ms int not null,
    time_to_first_token_ms int,
    cache text not null,
    config_epoch bigint not null,
    config_revision bigint not null,
    source text not null default 'vpc_agent',
    primary key (org_id, occurred_at, id)
  ) partition by range (occurred_at)`,
  `create index gateway_requests_request_id on gateway_requests (org_id, request_id)`,

  `create table gateway_request_attempts (
    org_id uuid not null,
    occurred_at timestamptz not null,
    request_record_id uuid not null,
    position smallint not null,
    provider_id uuid,
    deployment_id uuid,
    status smallint,
    outcome text not null,
    error_code text,
    ${DETAIL_TOKENS},
    quality text not null,
    cost_nanos bigint not null,
    price_revision text not null,
    latency_ms int not null,
    primary key (org_id, occurred_at, request_record_id, position)
  ) partition by range (occurred_at)`,

  // The nil UUID stands for "none", so that every dimension is part of the primary key.
  `create table usage_hourly (
    org_id uuid not null,
    hour timestamptz not null,
    key_id uuid not null,
    team_id uuid not null,
    route_id uuid not null,
    requested_id uuid not null,
    deployment_id uuid not null,
    provider_id uuid not null,
    requests bigint not null,
    errors bigint not null,
    cancelled bigint not null,
    unknown bigint not null,
    attempts bigint not null,
    ${TOTAL_TOKENS},
    cost_nanos bigint not null,
    latency_ms bigint not null,
    primary key (org_id, hour, key_id, team_id, route_id, requested_id, deployment_id, provider_id)
  )`,

  `create table discovered_models (
    org_id uuid not null,
    provider_id uuid not null,
    occurred_at timestamptz not null,
    models jsonb not null,
    primary key (org_id, provider_id),
    foreign key (org_id, provider_id) references providers (org_id, id)
  )`,
];
