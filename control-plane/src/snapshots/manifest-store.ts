import {
  type ConfigVersion,
  compareVersions,
  DOWNGRADE_STEPS,
  type DowngradeStep,
  downgradeSections,
  formatTimestamp,
  type ManifestSection,
  PROTOCOL_VERSION,
  sha256,
  signManifest,
} from '@bonito/protocol';
import { type Database, type DatabaseTransaction, tenantTransaction } from '../db/transactions.ts';
import type { ServerKeys } from '../signing/server-keys.ts';
import { createBoundedCache } from './bounded-cache.ts';
import { serializeSection } from './compile-sections.ts';
import { ensurePublished } from './publish-change.ts';
import { readRevision, readSection, storeSections } from './revision-rows.ts';

/** A signed manifest, and the version that it is of. */
export interface SignedManifest extends ConfigVersion {
  /** Compact JWS. */
  jws: string;
}

/** Builds signed manifests when they are asked for, and remembers them. */
export interface ManifestStore {
  /**
   * The organization's manifest in an agent's protocol, of `wanted` or of what is newer by now.
   *
   * @throws RangeError for a protocol that is no longer served
   */
  manifest(organizationId: string, protocol: number, wanted: ConfigVersion): Promise<SignedManifest>;
}

/** Bytes of signed manifests that are kept in memory. */
const CACHED_BYTES = 64 * 1024 * 1024;

export function createManifestStore(options: {
  database: Database;
  keys: ServerKeys;
  /** The protocol that sections are compiled in, and the steps down from it. */
  newest?: number;
  steps?: ReadonlyMap<number, DowngradeStep>;
}): ManifestStore {
  const { database, keys, newest = PROTOCOL_VERSION, steps = DOWNGRADE_STEPS } = options;
  const cache = createBoundedCache<SignedManifest>(CACHED_BYTES, ({ jws }) => jws.length);
  const building = new Map<string, Promise<SignedManifest>>();

  async function build(organizationId: string, protocol: number): Promise<SignedManifest> {
    const row = await tenantTransaction(database, organizationId, async (transaction) => {
      await ensurePublished(transaction, organizationId);
      const current = await readRevision(transaction, organizationId);
      if (!current) throw new Error('a published organization has a revision');
      if (protocol === newest) return current;
      return {
        ...current,
        sections: await downgrade(transaction, organizationId, current.sections, protocol),
      };
    });
    const jws = await signManifest(
      {
        organization: organizationId,
        epoch: row.epoch,
        revision: row.revision,
        protocol,
        // Not the time of signing: replicas must answer alike.
        issued_at: formatTimestamp(row.published_at.getTime()),
        sections: row.sections.map(({ name, digest, bytes }) => ({ name, digest, bytes })),
      },
      keys.signing,
      keys.chain,
    );
    return { epoch: row.epoch, revision: row.revision, jws };
  }

  /** Sections in an older protocol have other bytes; they are stored beside the newest and superseded with them. */
  async function downgrade(
    transaction: DatabaseTransaction,
    organizationId: string,
    sections: readonly ManifestSection[],
    protocol: number,
  ): Promise<ManifestSection[]> {
    const contents = new Map<string, unknown>();
    for (const { name, digest } of sections) {
      const section = await readSection(transaction, organizationId, digest);
      if (section) contents.set(name, JSON.parse(Buffer.from(section.bytes).toString('utf8')));
    }
    const older = [...downgradeSections(contents, protocol, newest, steps)].map(([name, value]) => {
      const bytes = serializeSection(value);
      return { name, digest: sha256(bytes), bytes };
    });
    await storeSections(transaction, organizationId, older);
    return older.map(({ name, digest, bytes }) => ({ name, digest, bytes: bytes.length }));
  }

  return {
    async manifest(organizationId, protocol, wanted) {
      const key = `${organizationId}/${protocol}`;
      for (;;) {
        const cached = cache.get(key);
        if (cached && compareVersions(cached, wanted) >= 0) return cached;
        const running = building.get(key);
        if (running) {
          // It may have read before `wanted` was committed: look again when it is done.
          const made = await running;
          if (compareVersions(made, wanted) >= 0) return made;
          continue;
        }
        const promise = build(organizationId, protocol);
        building.set(key, promise);
        try {
          const made = await promise;
          cache.set(key, made);
          return made;
        } finally {
          building.delete(key);
        }
      }
    },
  };
}
