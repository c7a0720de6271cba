import {
  type ConfigVersion,
  keysSectionName,
  type ManifestSection,
  sectionKind,
  sha256,
  shardOf,
} from '@bonito/protocol';
import { sql } from 'kysely';
import { notify } from '../db/listen.ts';
import type { DatabaseTransaction } from '../db/transactions.ts';
import {
  compileDeployments,
  compileKeys,
  compileProviders,
  compileRoutes,
  compileSettings,
  serializeSection,
} from './compile-sections.ts';
import { nextShardCount, shardRange, shardsOf } from './key-shards.ts';
import {
  countKeySecrets,
  readDeployments,
  readKeySecrets,
  readProviders,
  readRoutes,
  readSettings,
} from './read-section-rows.ts';
import { lockRevision, storeRevision } from './revision-rows.ts';
import type { KeySecretRow } from './section-rows.ts';

/** The channel on which replicas hear of changed organizations; the payload is the organization's id. */
export const REVISIONS_CHANNEL = 'bonito_revisions';

type WholeSection = 'settings' | 'providers' | 'deployments' | 'routes';

/** What a write changed. `keys` stands for every shard; naming the hashes moves their shards only. */
export type DirtySection = WholeSection | 'keys' | { keyHashes: readonly string[] };

/** Everything, for an organization that was never published. */
const ALL: readonly DirtySection[] = ['settings', 'providers', 'deployments', 'routes', 'keys'];

const COMPILERS: Record<
  WholeSection,
  (transaction: DatabaseTransaction, organizationId: string) => Promise<unknown>
> = {
  settings: async (transaction, id) => compileSettings(await readSettings(transaction, id)),
  providers: async (transaction, id) => compileProviders(await readProviders(transaction, id)),
  deployments: async (transaction, id) => compileDeployments(await readDeployments(transaction, id)),
  routes: async (transaction, id) => compileRoutes(await readRoutes(transaction, id)),
};

/**
 * Publishes what a write changed, as part of its transaction: takes the organization's lock, compiles the dirty sections
 * from what is committed by now and what this transaction wrote, and stores the next revision. Of two writers at once the
 * second waits at the lock and then sees the first one's rows. Replicas hear of it when the transaction commits.
 *
 * @returns the version that is current when the transaction commits; the one before where no section's bytes changed
 */
export async function changed(
  transaction: DatabaseTransaction,
  organizationId: string,
  dirty: readonly DirtySection[],
): Promise<ConfigVersion> {
  const current = await lockRevision(transaction, organizationId);
  const parts = current.revision === 0 ? ALL : dirty;
  const sections = new Map(current.sections.map((section) => [section.name, section]));
  const compiled = new Map<string, Buffer>();
  for (const [kind, compile] of Object.entries(COMPILERS)) {
    if (parts.some((part) => part === kind))
      compiled.set(kind, serializeSection(await compile(transaction, organizationId)));
  }
  await compileKeyShards(transaction, organizationId, parts, sections, compiled);

  for (const [name, bytes] of compiled)
    sections.set(name, { name, digest: sha256(bytes), bytes: bytes.length });
  const next = [...sections.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  if (current.revision > 0 && sameSections(current.sections, next)) return current;
  const version = { epoch: current.epoch, revision: current.revision + 1 };
  await storeRevision(transaction, organizationId, version, next, compiled);
  await notify(transaction, REVISIONS_CHANNEL, organizationId);
  return version;
}

/** Compiles the dirty shards; all of them, with new names, when their number changes. */
async function compileKeyShards(
  transaction: DatabaseTransaction,
  organizationId: string,
  parts: readonly DirtySection[],
  sections: Map<string, ManifestSection>,
  compiled: Map<string, Buffer>,
): Promise<void> {
  const hashes = parts.flatMap((part) => (typeof part === 'object' ? part.keyHashes : []));
  if (!parts.includes('keys') && hashes.length === 0) return;
  const names = [...sections.keys()].filter((name) => sectionKind(name) === 'keys');
  const shards = nextShardCount(
    await countKeySecrets(transaction, organizationId),
    names.length > 0 ? names.length : null,
  );
  const all = parts.includes('keys') || shards !== names.length;
  if (shards !== names.length) for (const name of names) sections.delete(name);
  const put = (shard: number, rows: readonly KeySecretRow[]) =>
    compiled.set(keysSectionName(shard, shards), serializeSection(compileKeys(rows)));
  if (all) {
    // One pass over the table, however many shards there are.
    const rows = await readKeySecrets(transaction, organizationId, shardRange(0, 1));
    const byShard = Map.groupBy(rows, (row) => shardOf(row.sha256, shards));
    for (let shard = 0; shard < shards; shard++) put(shard, byShard.get(shard) ?? []);
    return;
  }
  for (const shard of shardsOf(hashes, shards))
    put(shard, await readKeySecrets(transaction, organizationId, shardRange(shard, shards)));
}

function sameSections(before: readonly ManifestSection[], after: readonly ManifestSection[]): boolean {
  const digests = new Map(before.map((section) => [section.name, section.digest]));
  return (
    before.length === after.length && after.every((section) => digests.get(section.name) === section.digest)
  );
}

/** The organization's version; publishes everything first where nothing ever was. */
export async function ensurePublished(
  transaction: DatabaseTransaction,
  organizationId: string,
): Promise<ConfigVersion> {
  const { rows } = await sql<ConfigVersion>`
    select epoch, revision from org_revisions where org_id = ${organizationId} and revision > 0
  `.execute(transaction);
  return rows[0] ?? changed(transaction, organizationId, ALL);
}
