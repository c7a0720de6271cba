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
import { knownSections } from '../gateway/snapshot/compile-section-list.ts';
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
 */
export class SnapshotStore {
  readonly #files: StateFiles;
  readonly #folder: string;
  readonly #trust: Trust;
  /** Digests of sections that were seen whole on the disk. */
  #intact = new Set<string>();

  constructor(files: StateFiles, folder: string, trust: Trust) {
    this.#files = files;
    this.#folder = folder;
    this.#trust = trust;
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

  /** Whether a section is on the disk as it should be. */
  async hasSection(section: ManifestSection): Promise<boolean> {
    if (this.#intact.has(section.digest)) return true;
    const bytes = await this.readSection(section);
    if (!bytes || !isIntact(section, bytes)) return false;
    this.#intact.add(section.digest);
    return true;
  }

  /** These sections were read and found as they should be, so that they need not be read again to know it. */
  markIntact(sections: readonly ManifestSection[]): void {
    for (const section of sections) this.#intact.add(section.digest);
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
    this.#intact.add(section.digest);
  }

  /**
   * Makes this manifest, whose sections are all stored, the one that is found at the next start. Sections that it does not
   * list are removed.
   *
   * @throws ProtocolError `storage_failed`; the manifest before is then still the stored one
   */
  async commit(stored: StoredManifest): Promise<void> {
    const { manifest, signingGeneration, jws } = stored;
    await guard('the manifest cannot be stored', async () => {
      await this.#files.makeFolder(this.#folder);
      await replaceFile(this.#files, this.#path('manifest.jws'), Buffer.from(jws));
    });
    // From here on the new manifest is the stored one, so what fails now is not a reason to refuse it.
    const floor = {
      organization: this.#trust.organization,
      root: this.#trust.rootFingerprint,
      epoch: manifest.epoch,
      revision: manifest.revision,
      signing_generation: signingGeneration,
    };
    await replaceFile(this.#files, this.#path('floor.json'), Buffer.from(JSON.stringify(floor))).catch(
      () => {},
    );
    await this.prune(manifest.sections);
  }

  /** Removes all sections but these. Never throws. */
  async prune(sections: readonly ManifestSection[]): Promise<void> {
    await this.#removeOthers(knownSections(sections)).catch(() => {});
  }

  /** Moves a stored manifest that is not believed out of the way, for someone to look at. Never throws. */
  async setAside(): Promise<void> {
    await this.#files.rename(this.#path('manifest.jws'), this.#path('manifest.jws.refused')).catch(() => {});
  }

  async #removeOthers(sections: readonly ManifestSection[]): Promise<void> {
    const kept = new Set(sections.map((section) => section.digest));
    for (const name of await this.#files.list(this.#path('sections'))) {
      if (!kept.has(name)) await this.#files.remove(this.#path(join('sections', name)));
    }
    this.#intact = new Set([...this.#intact].filter((digest) => kept.has(digest)));
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
