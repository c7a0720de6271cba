import type { Outcome } from '@bonito/protocol';
import type { UsageColumn } from '../usage-columns.ts';
import type { JsonColumn, NullableTimestampColumn, TimestampColumn } from './columns.ts';

type UsageColumns<Value> = { [Column in UsageColumn]: Value };

/** How far a stream was taken in. */
export interface IngestStreamsTable {
  org_id: string;
  stream: string;
  /** Everything below is settled for good. */
  next_seq: number;
  /** Records that never came. */
  lost: number;
  created_at: TimestampColumn;
  updated_at: TimestampColumn;
}

/** Records that could not be read: where and why, never what stood there. */
export interface IngestQuarantineTable {
  org_id: string;
  stream: string;
  sequence: number;
  received_at: TimestampColumn;
  path: string;
  code: string;
}

/** One row for each request, partitioned by month on `occurred_at`. */
export interface GatewayRequestsTable extends UsageColumns<number | null> {
  org_id: string;
  occurred_at: TimestampColumn;
  id: string;
  request_id: string;
  received_at: TimestampColumn;
  key_id: string | null;
  team_id: string | null;
  route_id: string | null;
  /** The deployment or route that was asked for; null for a name that is not configured. */
  requested_id: string | null;
  deployment_id: string | null;
  /** The provider of the deployment that answered, or of the last attempt. */
  provider_id: string | null;
  surface: string;
  stream: boolean;
  /** The HTTP status that the client saw. */
  status: number | null;
  outcome: Outcome;
  error_code: string | null;
  attempts: number;
  /** Attempts whose cost is not in `cost_nanos`, since nobody knows their price; null for none. */
  unpriced_attempts: number | null;
  cost_nanos: number;
  latency_ms: number;
  time_to_first_token_ms: number | null;
  cache: string;
  config_epoch: number;
  config_revision: number;
  source: string;
}

/** One row for each upstream call, partitioned like its request. */
export interface GatewayRequestAttemptsTable extends UsageColumns<number | null> {
  org_id: string;
  occurred_at: TimestampColumn;
  request_record_id: string;
  position: number;
  provider_id: string | null;
  deployment_id: string | null;
  status: number | null;
  outcome: Outcome;
  error_code: string | null;
  quality: string;
  /** The price is not known, so neither is the cost; null where it is. */
  unpriced: boolean | null;
  cost_nanos: number;
  price_revision: string;
  latency_ms: number;
}

/**
 * Totals by hour. A request counts once, at the deployment that answered it or the last that was tried; attempts, tokens
 * and cost count at the deployment of each attempt. The nil UUID stands for "none".
 */
export interface UsageHourlyTable extends UsageColumns<number> {
  org_id: string;
  hour: TimestampColumn;
  key_id: string;
  team_id: string;
  route_id: string;
  requested_id: string;
  deployment_id: string;
  provider_id: string;
  requests: number;
  errors: number;
  cancelled: number;
  unknown: number;
  attempts: number;
  unpriced_attempts: number;
  cost_nanos: number;
  latency_ms: number;
}

/** A time in which a deployment was paid by the hour, at one price and one provider. Open while it goes on. */
export interface CapacityPeriodsTable {
  org_id: string;
  deployment_id: string;
  started_at: TimestampColumn;
  ended_at: NullableTimestampColumn;
  provider_id: string;
  nanos_per_hour: number;
  price_revision: string;
}

/** The models that a provider listed when an agent asked it. */
export interface DiscoveredModelsTable {
  org_id: string;
  provider_id: string;
  occurred_at: TimestampColumn;
  models: JsonColumn<string[]>;
}

/** What agents report. */
export interface UsageTables {
  ingest_streams: IngestStreamsTable;
  ingest_quarantine: IngestQuarantineTable;
  gateway_requests: GatewayRequestsTable;
  gateway_request_attempts: GatewayRequestAttemptsTable;
  usage_hourly: UsageHourlyTable;
  capacity_periods: CapacityPeriodsTable;
  discovered_models: DiscoveredModelsTable;
}
