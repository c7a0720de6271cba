import { type Kysely, sql } from 'kysely';
import { SYSTEM_ROLE, TENANT_ROLE } from '../roles.ts';
import { allowSystem, protectTenantTable } from '../row-level-security.ts';

/** Roles, and the tables of what people configure. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await createRole(db, TENANT_ROLE);
  await createRole(db, SYSTEM_ROLE);
  await sql`
    create function bonito_organization() returns uuid language sql stable parallel safe as
    $$ select nullif(current_setting('bonito.organization', true), '')::uuid $$
  `.execute(db);
  for (const statement of TABLES) await sql.raw(statement).execute(db);

  await protectTenantTable(db, 'organizations', ['select', 'insert', 'update'], 'id');
  for (const table of TENANT_TABLES) await protectTenantTable(db, table);
  await protectTenantTable(db, 'audit_log', ['select', 'insert']);

  await allowSystem(db, 'organizations', ['select']);
  await allowSystem(db, 'agent_tokens', ['select', 'update']);
  await allowSystem(db, 'admin_tokens', ['select']);
  await sql`alter table platform_tokens enable row level security, force row level security`.execute(db);
  await allowSystem(db, 'platform_tokens', ['select', 'insert', 'update']);
}

/**
 * Roles belong to the whole server: another database may have made them before, or be making them now. The login role must
 * be able to take them; a superuser can anyway, and a role that was granted them by an administrator is left as it is.
 */
async function createRole(db: Kysely<unknown>, role: string): Promise<void> {
  await sql
    .raw(`
    do $$ begin
      if not exists (select from pg_roles where rolname = '${role}') then
        begin
          create role ${role} nologin nosuperuser nobypassrls noinherit;
        exception when duplicate_object or unique_violation then null;
        end;
      end if;
      if not (select rolsuper from pg_roles where rolname = current_user) then
        begin
          execute format('grant ${role} to %I', current_user);
        exception when insufficient_privilege or invalid_grant_operation then null;
        end;
      end if;
      execute format('grant usage on schema %I to ${role}', current_schema());
    end $$
  `)
    .execute(db);
}

const TENANT_TABLES = [
  'providers',
  'deployments',
  'routes',
  'route_targets',
  'model_names',
  'keys',
  'key_secrets',
  'agent_tokens',
  'admin_tokens',
];

const LIFE = `
  created_at timestamptz not null,
  updated_at timestamptz not null,
  deleted_at timestamptz`;

const TABLES = [
  `create table organizations (
    id uuid primary key,
    name text not null,
    slug text not null,
    logo text,
    metadata jsonb not null default '{}',
    max_offline_seconds int check (max_offline_seconds > 0),
    ${LIFE}
  )`,
  `create unique index organizations_slug on organizations (slug) where deleted_at is null`,

  `create table providers (
    org_id uuid not null references organizations (id),
    id uuid not null,
    name text not null,
    kind text not null,
    base_url text not null,
    region text,
    credential jsonb not null,
    credential_header text,
    proxy text,
    ca text,
    time_limits jsonb not null default '{}',
    retries int,
    stream_options boolean,
    ${LIFE},
    primary key (org_id, id)
  )`,
  `create unique index providers_name on providers (org_id, name) where deleted_at is null`,

  `create table deployments (
    org_id uuid not null references organizations (id),
    id uuid not null,
    name text not null,
    provider_id uuid not null,
    upstream_model text not null,
    family text not null,
    capabilities jsonb,
    processing_boundary text,
    price_revision text not null,
    price_per_million jsonb not null,
    ${LIFE},
    primary key (org_id, id),
    foreign key (org_id, provider_id) references providers (org_id, id)
  )`,
  `create index deployments_provider on deployments (org_id, provider_id) where deleted_at is null`,

  `create table routes (
    org_id uuid not null references organizations (id),
    id uuid not null,
    name text not null,
    strategy text not null,
    ${LIFE},
    primary key (org_id, id)
  )`,

  `create table route_targets (
    org_id uuid not null,
    route_id uuid not null,
    position int not null,
    deployment_id uuid not null,
    primary key (org_id, route_id, position),
    unique (org_id, route_id, deployment_id),
    foreign key (org_id, route_id) references routes (org_id, id),
    foreign key (org_id, deployment_id) references deployments (org_id, id)
  )`,
  `create index route_targets_deployment on route_targets (org_id, deployment_id)`,

  `create table model_names (
    org_id uuid not null,
    name text not null,
    deployment_id uuid,
    route_id uuid,
    primary key (org_id, name),
    unique (org_id, deployment_id),
    unique (org_id, route_id),
    foreign key (org_id, deployment_id) references deployments (org_id, id),
    foreign key (org_id, route_id) references routes (org_id, id),
    check (num_nonnulls(deployment_id, route_id) = 1)
  )`,

  `create table keys (
    org_id uuid not null references organizations (id),
    id uuid not null,
    name text not null,
    models jsonb,
    expires_at timestamptz,
    tags jsonb not null default '{}',
    team_id uuid,
    route_id uuid,
    ${LIFE},
    primary key (org_id, id),
    foreign key (org_id, route_id) references routes (org_id, id)
  )`,
  `create index keys_route on keys (org_id, route_id) where deleted_at is null`,

  `create table key_secrets (
    org_id uuid not null,
    sha256 text not null check (length(sha256) = 64),
    key_id uuid not null,
    hint text not null,
    created_at timestamptz not null,
    expires_at timestamptz,
    primary key (org_id, sha256),
    foreign key (org_id, key_id) references keys (org_id, id)
  )`,
  `create index key_secrets_key on key_secrets (org_id, key_id)`,
  `create unique index key_secrets_current on key_secrets (org_id, key_id) where expires_at is null`,

  `create table agent_tokens (
    org_id uuid not null references organizations (id),
    id uuid not null,
    name text not null,
    generation int not null default 1,
    sha256 text not null,
    previous_sha256 text,
    previous_last_used_at timestamptz,
    created_at timestamptz not null,
    revoked_at timestamptz,
    last_used_at timestamptz,
    primary key (org_id, id)
  )`,
  `create unique index agent_tokens_sha256 on agent_tokens (org_id, sha256)`,
  `create index agent_tokens_previous_sha256 on agent_tokens (org_id, previous_sha256)`,

  `create table admin_tokens (
    org_id uuid not null references organizations (id),
    id uuid not null,
    name text not null,
    sha256 text not null,
    hint text not null,
    created_at timestamptz not null,
    revoked_at timestamptz,
    primary key (org_id, id)
  )`,
  `create index admin_tokens_sha256 on admin_tokens (sha256)`,

  `create table platform_tokens (
    id uuid primary key,
    name text not null,
    sha256 text not null,
    hint text not null,
    home_organization uuid references organizations (id),
    created_at timestamptz not null,
    revoked_at timestamptz
  )`,

  `create index platform_tokens_sha256 on platform_tokens (sha256)`,

  `create table audit_log (
    org_id uuid not null references organizations (id),
    id uuid not null,
    occurred_at timestamptz not null,
    actor text not null,
    action text not null,
    object_type text not null,
    object_id text not null,
    before jsonb,
    after jsonb,
    request_id text,
    primary key (org_id, id)
  )`,
];
