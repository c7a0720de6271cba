import type { Capability, CredentialReference, Price, TimeLimits, UsageClass } from '@bonito/protocol';
import type { ColumnType } from 'kysely';
import type { JsonColumn, NullableTimestampColumn, TimestampColumn } from './columns.ts';

/** Absent on insert means null. */
type Optional<Value> = ColumnType<Value | null, Value | null | undefined, Value | null>;

interface SoftDeleted {
  created_at: TimestampColumn;
  updated_at: TimestampColumn;
  /** Set instead of deleting the row, so that usage rows keep their names. */
  deleted_at: NullableTimestampColumn;
}

export interface OrganizationsTable extends SoftDeleted {
  id: string;
  name: string;
  /** Unique among live organizations. */
  slug: string;
  logo: Optional<string>;
  metadata: JsonColumn<Record<string, string>>;
  /** The agent refuses after this many seconds without a word from the control plane; null for no limit. */
  max_offline_seconds: Optional<number>;
}

export interface ProvidersTable extends SoftDeleted {
  org_id: string;
  id: string;
  name: string;
  kind: string;
  base_url: string;
  region: Optional<string>;
  preset: Optional<string>;
  api_version: Optional<string>;
  project: Optional<string>;
  credential: JsonColumn<CredentialReference>;
  credential_header: Optional<string>;
  proxy: Optional<string>;
  ca: Optional<string>;
  time_limits: JsonColumn<TimeLimits>;
  retries: Optional<number>;
  stream_options: Optional<boolean>;
}

export interface DeploymentsTable extends SoftDeleted {
  org_id: string;
  id: string;
  name: string;
  provider_id: string;
  upstream_model: string;
  family: string;
  /** Null means all. */
  capabilities: ColumnType<Capability[] | null, string | null, string | null>;
  processing_boundary: Optional<string>;
  wire: Optional<string>;
  /** `own`, `catalog`, or `unknown`: then there are no figures, and usage has no known cost. */
  price_source: ColumnType<string, string | undefined, string>;
  price_revision: string;
  /** Nano-USD for a million of each class. */
  price_per_million: JsonColumn<{ [Class in UsageClass]?: number }>;
  price_thresholds: ColumnType<Price['thresholds'] | null, string | null | undefined, string | null>;
  /** What is served under a tier or in a geography; null: one price for all. */
  price_variants: ColumnType<Price['variants'] | null, string | null | undefined, string | null>;
  /** Nano-USD; then usage itself costs nothing. */
  price_per_hour: Optional<number>;
  /** The catalog that was looked into last; null before catalogs had one. */
  price_edition: Optional<string>;
  /** The model's id in the catalog, where somebody named it; null: it is found by its name. */
  catalog_id: Optional<string>;
}

export interface RoutesTable extends SoftDeleted {
  org_id: string;
  id: string;
  name: string;
  strategy: string;
  strict: ColumnType<boolean, boolean | undefined, boolean>;
  foreign_state: ColumnType<string, string | undefined, string>;
}

export interface RouteTargetsTable {
  org_id: string;
  route_id: string;
  position: number;
  deployment_id: string;
}

/** The live names that clients ask for: a deployment and a route never share one. */
export interface ModelNamesTable {
  org_id: string;
  name: string;
  deployment_id: Optional<string>;
  route_id: Optional<string>;
}

export interface KeysTable extends SoftDeleted {
  org_id: string;
  id: string;
  name: string;
  /** The model names that may be asked for; null for all. */
  models: ColumnType<string[] | null, string | null, string | null>;
  expires_at: NullableTimestampColumn;
  tags: JsonColumn<Record<string, string>>;
  team_id: Optional<string>;
  /** Set for an `rt-` key. */
  route_id: Optional<string>;
}

/** The secrets of a key: at most two that are live, the older of which has an end. */
export interface KeySecretsTable {
  org_id: string;
  key_id: string;
  sha256: string;
  /** Prefix and last four characters. */
  hint: string;
  created_at: TimestampColumn;
  /** The end of its grace after a rotation; null for the current one. */
  expires_at: NullableTimestampColumn;
}

export interface AgentTokensTable {
  org_id: string;
  id: string;
  name: string;
  generation: number;
  sha256: string;
  previous_sha256: Optional<string>;
  previous_last_used_at: NullableTimestampColumn;
  created_at: TimestampColumn;
  revoked_at: NullableTimestampColumn;
  last_used_at: NullableTimestampColumn;
}

export interface AdminTokensTable {
  org_id: string;
  id: string;
  name: string;
  sha256: string;
  hint: string;
  created_at: TimestampColumn;
  revoked_at: NullableTimestampColumn;
}

/** Tokens of the people who run the control plane; the unprivileged role cannot see this table. */
export interface PlatformTokensTable {
  id: string;
  name: string;
  sha256: string;
  hint: string;
  /** The organization that a request without the header `Bonito-Organization` is for. */
  home_organization: Optional<string>;
  created_at: TimestampColumn;
  revoked_at: NullableTimestampColumn;
}

export interface AuditLogTable {
  org_id: string;
  id: string;
  occurred_at: TimestampColumn;
  /** `admin_token:<id>`, `platform_token:<id>` or `system`. */
  actor: string;
  action: string;
  object_type: string;
  object_id: string;
  /** What stood there before and after, without secrets; null where there is nothing. */
  before: ColumnType<Record<string, unknown> | null, string | null, never>;
  after: ColumnType<Record<string, unknown> | null, string | null, never>;
  request_id: Optional<string>;
}

/** What people configure. */
export interface ConfigurationTables {
  organizations: OrganizationsTable;
  providers: ProvidersTable;
  deployments: DeploymentsTable;
  routes: RoutesTable;
  route_targets: RouteTargetsTable;
  model_names: ModelNamesTable;
  keys: KeysTable;
  key_secrets: KeySecretsTable;
  agent_tokens: AgentTokensTable;
  admin_tokens: AdminTokensTable;
  platform_tokens: PlatformTokensTable;
  audit_log: AuditLogTable;
}
