import { sql } from 'kysely';
import type { DatabaseTransaction } from '../db/transactions.ts';
import type { DeploymentRow, KeySecretRow, ProviderRow, RouteRow, SettingsRow } from './section-rows.ts';

/** Reads what a section is compiled from. All of it is under the tenant of the transaction; the id is asked for besides. */
export async function readSettings(
  transaction: DatabaseTransaction,
  organizationId: string,
): Promise<SettingsRow | undefined> {
  return transaction
    .selectFrom('organizations')
    .select('max_offline_seconds')
    .where('id', '=', organizationId)
    .executeTakeFirst();
}

export async function readProviders(
  transaction: DatabaseTransaction,
  organizationId: string,
): Promise<ProviderRow[]> {
  return transaction
    .selectFrom('providers')
    .select(['id', 'name', 'kind', 'base_url', 'region', 'credential', 'credential_header'])
    .select(['preset', 'api_version', 'project', 'proxy', 'ca', 'time_limits', 'retries', 'stream_options'])
    .where('org_id', '=', organizationId)
    .where('deleted_at', 'is', null)
    .execute();
}

export async function readDeployments(
  transaction: DatabaseTransaction,
  organizationId: string,
): Promise<DeploymentRow[]> {
  return transaction
    .selectFrom('deployments')
    .select(['id', 'name', 'provider_id', 'upstream_model', 'family', 'capabilities'])
    .select(['processing_boundary', 'wire', 'price_revision'])
    .select(['price_per_million', 'price_thresholds', 'price_variants'])
    .where('org_id', '=', organizationId)
    .where('deleted_at', 'is', null)
    .execute();
}

export async function readRoutes(
  transaction: DatabaseTransaction,
  organizationId: string,
): Promise<RouteRow[]> {
  const { rows } = await sql<RouteRow>`
    select r.id, r.name, r.strategy, r.strict, r.foreign_state,
           array(
             select t.deployment_id::text
             from route_targets t
             where t.org_id = r.org_id and t.route_id = r.id
             order by t.position
           ) as targets
    from routes r
    where r.org_id = ${organizationId} and r.deleted_at is null
  `.execute(transaction);
  return rows;
}

/** How many secrets the organization's live keys have. */
export async function countKeySecrets(
  transaction: DatabaseTransaction,
  organizationId: string,
): Promise<number> {
  const { rows } = await sql<{ secrets: number }>`
    select count(*)::int as secrets from key_secrets where org_id = ${organizationId}
  `.execute(transaction);
  return rows[0]?.secrets ?? 0;
}

/** The live secrets whose hash lies in a range: from `first` on, up to but without `end`. */
export async function readKeySecrets(
  transaction: DatabaseTransaction,
  organizationId: string,
  range: { first: string; end: string | null },
): Promise<KeySecretRow[]> {
  // While the planner knows little of a young table, it takes the keys for few and looks each of them up one by one.
  await sql`select set_config('enable_nestloop', 'off', true)`.execute(transaction);
  const { rows } = await sql<KeySecretRow>`
    select s.sha256, s.key_id, k.team_id, k.route_id, k.models,
           least(k.expires_at, s.expires_at) as expires_at
    from key_secrets s
    join keys k on k.org_id = s.org_id and k.id = s.key_id
    where s.org_id = ${organizationId}
      and s.sha256 >= ${range.first}
      and (${range.end}::text is null or s.sha256 < ${range.end})
      and k.deleted_at is null
      and (s.expires_at is null or s.expires_at > now())
  `.execute(transaction);
  await sql`select set_config('enable_nestloop', 'on', true)`.execute(transaction);
  return rows;
}
