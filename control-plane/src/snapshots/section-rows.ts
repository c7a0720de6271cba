import type { Capability, CredentialReference, Price, TimeLimits } from '@bonito/protocol';

/** What of an organization's rows goes into its snapshot. */
export interface SettingsRow {
  /** Null: agents serve without the control plane for any time. */
  max_offline_seconds: number | null;
}

export interface ProviderRow {
  id: string;
  name: string;
  kind: string;
  base_url: string;
  region: string | null;
  preset: string | null;
  api_version: string | null;
  project: string | null;
  credential: CredentialReference;
  credential_header: string | null;
  proxy: string | null;
  ca: string | null;
  time_limits: TimeLimits;
  retries: number | null;
  stream_options: boolean | null;
}

export interface DeploymentRow {
  id: string;
  name: string;
  provider_id: string;
  upstream_model: string;
  family: string;
  capabilities: readonly Capability[] | null;
  processing_boundary: string | null;
  wire: string | null;
  price_revision: string;
  price_per_million: Price['per_million'];
  price_thresholds: Price['thresholds'] | null;
  price_variants: Price['variants'] | null;
}

export interface RouteRow {
  id: string;
  name: string;
  strategy: string;
  strict: boolean;
  foreign_state: string;
  /** Ids of deployments, in the order in which they are tried. */
  targets: readonly string[];
}

/** One live secret, with what its key may do. */
export interface KeySecretRow {
  sha256: string;
  key_id: string;
  team_id: string | null;
  route_id: string | null;
  /** Model names; null allows all. */
  models: readonly string[] | null;
  /** The earlier of the key's and the secret's own end. */
  expires_at: Date | null;
}
