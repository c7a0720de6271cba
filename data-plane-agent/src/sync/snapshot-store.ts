import { join } from 'node:path';
import {
  type ConfigVersion,
  checkDigest,
  compareVersions,
  type ManifestSection,
  PROTOCOL_VERSION,
  ProtocolError,
  type VerifiedManifest,
  verifyManifest,
} from '@bonito/protocol';
import { z } from 'zod';
import type { Clock } from '../gateway/ports.ts';
import { knownSections } from '../gateway/snapshot/compile-section-list.ts';
import { pruneSections, RENEW_MILLISECONDS } from './prune-sections.ts';
import { replaceFile, type StateFiles } from './state-files.ts';

/** Whom the stored configuration must be for and from: what the agent's token says. */
export interface Trust {
  organization: string;
  rootFingerprint: string;
}

/** What was found on the disk. */
export interface StoredManifest extends VerifiedManifest {
  jws: string;
}

/** Below this, nothing may ever be served again. */
export interface Floor {
  version: ConfigVersion;
  signingGeneration: number;
}

const floorSchema = z.object({
  organization: z.string(),
  root: z.string(),
  epoch: z.int(),
  revision: z.int(),
  signing_generation: z.int(),
});

/**
 * The last good configuration on the disk: `manifest.jws`, as the control plane signed it, and `sections/DIGEST`, as it
 * served them.
 *
 * `floor.json` repeats the version, so that a damaged manifest does not let an older one in. It is written after the
 * manifest and so never forbids what the manifest allows.
 *
 * Several agents of one organization may share the folder.
 */
export class SnapshotStore {
  readonly #files: StateFiles;
  readonly #folder: string;
  readonly #trust: Trust;
  readonly #clock: Pick<Clock, 'now'>;
  /** Digests of sections that were seen whole on the disk, and when they were last written or renewed, ms since 1970. */
  readonly #intact = new Map<string, number>();

  constructor(files: StateFiles, folder: string, trust: Trust, clock: Pick<Clock, 'now'>) {
    this.#files = files;
    this.#folder = folder;
    this.#trust = trust;
    this.#clock = clock;
  }

  /** The version below which nothing may be served, from the floor file; undefined when there is none for this organization. */
  async readFloor(): Promise<Floor | undefined> {
    const bytes = await this.#files.read(this.#path('floor.json')).catch(() => undefined);
    if (!bytes) return undefined;
    try {
      const floor = floorSchema.parse(JSON.parse(Buffer.from(bytes).toString()));
      if (floor.organization !== this.#trust.organization || floor.root !== this.#trust.rootFingerprint)
        return undefined;
      return {
        version: { epoch: floor.epoch, revision: floor.revision },
        signingGeneration: floor.signing_generation,
      };
    } catch {
      return undefined;
    }
  }

  /**
   * The stored manifest, verified anew from the pinned root.
   *
   * @returns undefined when nothing is stored
   * @throws ProtocolError when what is stored is not believed; `storage_failed` when it cannot be read
   */
  async readManifest(floor: Floor | undefined): Promise<StoredManifest | undefined> {
    const bytes = await guard('the stored manifest cannot be read', () =>
      this.#files.read(this.#path('manifest.jws')),
    );
    if (!bytes) return undefined;
    const jws = Buffer.from(bytes).toString('latin1').trim();
    const verified = await verifyManifest(jws, {
      ...this.#trust,
      protocol: PROTOCOL_VERSION,
      ...(floor && { atLeast: floor.version, signingGeneration: floor.signingGeneration }),
    });
    return { ...verified, jws };
  }

  /**
   * A section's bytes as they stand on the disk, not checked; undefined when it is not there.
   *
   * @throws ProtocolError `storage_failed`
   */
  async readSection(section: ManifestSection): Promise<Uint8Array | undefined> {
    return guard(`section ${section.name} cannot be read from the disk`, () =>
      this.#files.read(this.#sectionPath(section.digest)),
    );
  }

  /** Whether a section is on the disk as it should be. If so, no other agent removes it before there is time to use it. */
  async hasSection(section: ManifestSection): Promise<boolean> {
    const renewedAt = this.#intact.get(section.digest);
    const now = this.#clock.now();
    if (renewedAt !== undefined && Math.abs(now - renewedAt) < RENEW_MILLISECONDS) return true;
    if (renewedAt === undefined) {
      const bytes = await this.readSection(section);
      if (!bytes || !isIntact(section, bytes)) return false;
    }
    const renewed = await guard(`section ${section.name} cannot be kept`, () =>
      this.#files.renew(this.#sectionPath(section.digest), now),
    );
    if (renewed) this.#intact.set(section.digest, now);
    else this.#intact.delete(section.digest);
    return renewed;
  }

  /** These sections were read and found as they should be, so that they need not be read again to know it. */
  markIntact(sections: readonly ManifestSection[]): void {
    for (const section of sections) {
      if (!this.#intact.has(section.digest)) this.#intact.set(section.digest, 0);
    }
  }

  /** Something on the disk was found damaged: look at everything again. */
  forgetIntact(): void {
    this.#intact.clear();
  }

  /**
   * Keeps a section whose digest was checked. Nothing refers to it until a manifest does.
   *
   * @throws ProtocolError `storage_failed`
   */
  async writeSection(section: ManifestSection, bytes: Uint8Array): Promise<void> {
    await guard(`section ${section.name} cannot be stored`, async () => {
      await this.#files.makeFolder(this.#path('sections'));
      await replaceFile(this.#files, this.#sectionPath(section.digest), bytes);
    });
    this.#intact.set(section.digest, this.#clock.now());
  }

  /**
   * Makes this manifest, whose sections are all stored, the one that is found at the next start, unless another agent
   * stored a later one. Sections that nobody needs are removed.
   *
   * @throws ProtocolError `storage_failed`; the manifest before is then still the stored one
   */
  async commit(stored: StoredManifest): Promise<void> {
    const { manifest, signingGeneration, jws } = stored;
    const floor = await this.readFloor();
    if (floor && compareVersions(floor.version, manifest) > 0) return;
    await guard('the manifest cannot be stored', async () => {
      await this.#files.makeFolder(this.#folder);
      await replaceFile(this.#files, this.#path('manifest.jws'), Buffer.from(jws));
    });
    // From here on the new manifest is the stored one, so what fails now is not a reason to refuse it.
    const next = {
      organization: this.#trust.organization,
      root: this.#trust.rootFingerprint,
      epoch: manifest.epoch,
      revision: manifest.revision,
      signing_generation: signingGeneration,
    };
    await replaceFile(this.#files, this.#path('floor.json'), Buffer.from(JSON.stringify(next))).catch(
      () => {},
    );
    await this.prune(manifest.sections);
  }

  /** Removes all sections but these, once they are some minutes old, and what crashes left. Never throws. */
  async prune(sections: readonly ManifestSection[]): Promise<void> {
    const kept = new Set(knownSections(sections).map((section) => section.digest));
    for (const digest of this.#intact.keys()) if (!kept.has(digest)) this.#intact.delete(digest);
    await pruneSections(this.#files, this.#folder, kept, this.#clock.now()).catch(() => {});
  }

  /** Moves a stored manifest that is not believed out of the way, for someone to look at. Never throws. */
  async setAside(): Promise<void> {
    await this.#files.rename(this.#path('manifest.jws'), this.#path('manifest.jws.refused')).catch(() => {});
  }

  #path(name: string): string {
    return join(this.#folder, name);
  }

  #sectionPath(digest: string): string {
    return this.#path(join('sections', digest));
  }
}

function isIntact(section: ManifestSection, bytes: Uint8Array): boolean {
  try {
    checkDigest(section, bytes);
    return true;
  } catch {
    return false;
  }
}

/** The later of two floors; either may be absent. */
export function higherFloor(a: Floor | undefined, b: Floor | undefined): Floor | undefined {
  if (!a || !b) return a ?? b;
  const later = compareVersions(a.version, b.version) >= 0 ? a : b;
  return { ...later, signingGeneration: Math.max(a.signingGeneration, b.signingGeneration) };
}

async function guard<Value>(what: string, work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    throw new ProtocolError('storage_failed', `${what} (${code}); check the state folder's space and owner`);
  }
}
