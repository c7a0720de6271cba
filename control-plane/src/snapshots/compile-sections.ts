import type { KeyEntry, KnownRestriction } from '@bonito/protocol';
import type { DeploymentRow, KeySecretRow, ProviderRow, RouteRow, SettingsRow } from './section-rows.ts';

/**
 * Rows to section contents. Pure and order-independent: the same rows, in whatever order the database gives them, compile
 * to the same bytes, so that a digest changes only when the configuration does.
 */
export function compileSettings(row: SettingsRow | undefined): unknown {
  const restrictions: KnownRestriction[] = [];
  if (row?.max_offline_seconds != null)
    restrictions.push({ type: 'max_offline', seconds: row.max_offline_seconds });
  return { restrictions };
}

export function compileProviders(rows: readonly ProviderRow[]): unknown {
  const providers = sortedBy(rows, (row) => row.id).map((row) => ({
    id: row.id,
    name: row.name,
    kind: row.kind,
    base_url: row.base_url,
    ...present('region', row.region),
    ...present('preset', row.preset),
    ...present('api_version', row.api_version),
    ...present('project', row.project),
    credential: row.credential,
    ...present('credential_header', row.credential_header),
    ...present('proxy', row.proxy),
    ...present('ca', row.ca),
    ...(Object.keys(row.time_limits).length > 0 && { time_limits: row.time_limits }),
    ...present('retries', row.retries),
    ...present('stream_options', row.stream_options),
    restrictions: [],
  }));
  return { providers };
}

export function compileDeployments(rows: readonly DeploymentRow[]): unknown {
  const deployments = sortedBy(rows, (row) => row.id).map((row) => ({
    id: row.id,
    name: row.name,
    provider_id: row.provider_id,
    upstream_model: row.upstream_model,
    family: row.family,
    ...present('capabilities', row.capabilities),
    ...present('processing_boundary', row.processing_boundary),
    ...present('wire', row.wire),
    price: {
      revision: row.price_revision,
      per_million: row.price_per_million,
      ...present('thresholds', row.price_thresholds),
      ...present('variants', row.price_variants),
    },
    restrictions: [],
  }));
  return { deployments };
}

/** A route without targets cannot serve and has no form in the protocol: it is left out, so that its name is unknown. */
export function compileRoutes(rows: readonly RouteRow[]): unknown {
  const routes = sortedBy(rows, (row) => row.id)
    .filter((row) => row.targets.length > 0)
    .map((row) => ({
      id: row.id,
      name: row.name,
      strategy: { type: row.strategy },
      targets: row.targets.map((deployment_id) => ({ deployment_id })),
      ...(row.strict && { strict: true }),
      ...(row.foreign_state !== 'shed' && { foreign_state: row.foreign_state }),
      restrictions: [],
    }));
  return { routes };
}

/** The entries of one key shard; a key with two live secrets has two. */
export function compileKeys(rows: readonly KeySecretRow[]): unknown {
  const keys = sortedBy(rows, (row) => row.sha256).map((row): KeyEntry => {
    const restrictions: KnownRestriction[] = [];
    if (row.models) restrictions.push({ type: 'models', allow: [...row.models].sort() });
    if (row.expires_at) restrictions.push({ type: 'expires', at: row.expires_at.toISOString() });
    return {
      sha256: row.sha256,
      key_id: row.key_id,
      ...present('team_id', row.team_id),
      ...present('route_id', row.route_id),
      restrictions,
    };
  });
  return { keys };
}

/** The exact bytes that are stored, digested and served. Object keys in a fixed order, whatever order they came in. */
export function serializeSection(contents: unknown): Buffer {
  return Buffer.from(JSON.stringify(ordered(contents)));
}

function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, member]) => [key, ordered(member)]),
  );
}

function present<Key extends string, Value>(
  key: Key,
  value: Value | null | undefined,
): { [K in Key]?: Value } {
  return (value === null || value === undefined ? {} : { [key]: value }) as { [K in Key]?: Value };
}

function sortedBy<Row>(rows: readonly Row[], key: (row: Row) => string): Row[] {
  return [...rows].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}
