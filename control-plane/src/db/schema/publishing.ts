import type { HeartbeatRequest, ManifestSection, Rejection } from '@bonito/protocol';
import type { ColumnType } from 'kysely';
import type { JsonColumn, NullableTimestampColumn, TimestampColumn } from './columns.ts';

export interface OrgRevisionsTable {
  org_id: string;
  epoch: number;
  /** 0 until something was published. */
  revision: number;
  published_at: TimestampColumn;
  sections: JsonColumn<ManifestSection[]>;
}

export interface ConfigSectionsTable {
  org_id: string;
  digest: string;
  name: string;
  bytes: Uint8Array;
  created_at: TimestampColumn;
  /** Since when no manifest lists it; removed a day later. */
  superseded_at: NullableTimestampColumn;
}

/** One row for each agent process, as its last heartbeat described it. */
export interface AgentsTable {
  org_id: string;
  instance: string;
  token_id: string;
  token_generation: number;
  version: string;
  protocol: number;
  started_at: TimestampColumn;
  first_seen_at: TimestampColumn;
  last_seen_at: TimestampColumn;
  applied_epoch: number | null;
  applied_revision: number | null;
  rejection: ColumnType<Rejection | null, string | null, string | null>;
  spool: JsonColumn<HeartbeatRequest['spool']>;
  requests: JsonColumn<HeartbeatRequest['requests']>;
  providers: JsonColumn<HeartbeatRequest['providers']>;
}

export interface AgentCommandsTable {
  org_id: string;
  id: string;
  instance: string;
  type: 'validate_provider' | 'discover_models' | 'report_all';
  provider_id: string | null;
  created_at: TimestampColumn;
  delivered_at: NullableTimestampColumn;
  answered_at: NullableTimestampColumn;
  result: ColumnType<string | null, string | null | undefined, string | null>;
  error_code: ColumnType<string | null, string | null | undefined, string | null>;
  /** What exactly is wrong with a provider or its credential, and which permission it lacks. */
  reason: ColumnType<string | null, string | null | undefined, string | null>;
  permission: ColumnType<string | null, string | null | undefined, string | null>;
}

/** What agents fetch, and what is known about agents. */
export interface PublishingTables {
  org_revisions: OrgRevisionsTable;
  config_sections: ConfigSectionsTable;
  agents: AgentsTable;
  agent_commands: AgentCommandsTable;
}
