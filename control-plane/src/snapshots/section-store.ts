import { promisify } from 'node:util';
import { gzip, zstdCompress } from 'node:zlib';
import { type Database, tenantTransaction } from '../db/transactions.ts';
import { createBoundedCache } from './bounded-cache.ts';
import { readRevision, readSection } from './revision-rows.ts';

const COMPRESS = { zstd: promisify(zstdCompress), gzip: promisify(gzip) };

/** A `Content-Encoding` that sections are offered in. */
export type SectionCoding = keyof typeof COMPRESS;

/** A section's bytes, as they are digested and as they travel. */
export interface StoredSection {
  bytes: Uint8Array;
  compressed(coding: SectionCoding): Promise<Uint8Array>;
}

/** Answers sections; of agents that ask at the same time one reads, the others wait for it. */
export interface SectionStore {
  /** Undefined where the organization has no such section, whoever else may have it. */
  section(organizationId: string, digest: string): Promise<StoredSection | undefined>;
  /** The live key sections of an organization, with the version that they are of. */
  keySections(organizationId: string): Promise<{ epoch: number; revision: number; sections: Uint8Array[] }>;
}

/** Bytes of sections that are kept in memory. */
const CACHED_BYTES = 64 * 1024 * 1024;

export function createSectionStore(database: Database): SectionStore {
  const cache = createBoundedCache<StoredSection>(CACHED_BYTES, ({ bytes }) => bytes.length * 2);
  const reading = new Map<string, Promise<StoredSection | undefined>>();

  async function read(organizationId: string, digest: string): Promise<StoredSection | undefined> {
    const row = await tenantTransaction(database, organizationId, (transaction) =>
      readSection(transaction, organizationId, digest),
    );
    if (!row) return undefined;
    const compressed = new Map<SectionCoding, Promise<Uint8Array>>();
    return {
      bytes: row.bytes,
      compressed(coding) {
        const bytes = compressed.get(coding) ?? COMPRESS[coding](row.bytes);
        compressed.set(coding, bytes);
        return bytes;
      },
    };
  }

  return {
    async section(organizationId, digest) {
      const key = `${organizationId}/${digest}`;
      const cached = cache.get(key);
      if (cached) return cached;
      const running = reading.get(key) ?? read(organizationId, digest);
      reading.set(key, running);
      try {
        const section = await running;
        if (section) cache.set(key, section);
        return section;
      } finally {
        reading.delete(key);
      }
    },
    keySections(organizationId) {
      return tenantTransaction(database, organizationId, async (transaction) => {
        const current = await readRevision(transaction, organizationId);
        const sections: Uint8Array[] = [];
        for (const { name, digest } of current?.sections ?? []) {
          if (!name.startsWith('keys/')) continue;
          const section = await readSection(transaction, organizationId, digest);
          if (section) sections.push(section.bytes);
        }
        return { epoch: current?.epoch ?? 1, revision: current?.revision ?? 0, sections };
      });
    },
  };
}
