import {
  type ConfigVersion,
  compareVersions,
  formatTimestamp,
  type Manifest,
  type ManifestSection,
  PROTOCOL_VERSION,
  ProtocolError,
  type Rejection,
  verifyManifest,
} from '@bonito/protocol';
import type { Clock } from '../gateway/ports.ts';
import { createPause } from '../gateway/snapshot/compile-pause.ts';
import { knownSections } from '../gateway/snapshot/compile-section-list.ts';
import { type CompiledConfiguration, compileSnapshot } from '../gateway/snapshot/compile-snapshot.ts';
import type { ConfigHolder } from './config-holder.ts';
import { obtainSection, type SectionTransfer } from './obtain-section.ts';
import { SectionMemory } from './section-memory.ts';
import {
  type Floor,
  higherFloor,
  type SnapshotStore,
  type StoredManifest,
  type Trust,
} from './snapshot-store.ts';

/** How applying a manifest went. */
export type ApplyResult =
  /** It is being served now. */
  | { outcome: 'applied'; version: ConfigVersion }
  /** It was being served already. */
  | { outcome: 'unchanged'; version: ConfigVersion }
  /** The one before is being served still. `passing`: it may go well the next time. */
  | { outcome: 'rejected'; rejection: Rejection; message: string; passing: boolean };

export interface ApplierOptions {
  trust: Trust;
  store: SnapshotStore;
  holder: ConfigHolder;
  clock: Clock;
  /** @param into where the bytes go, if it fetches any */
  fetch(section: ManifestSection, signal: AbortSignal, into: Buffer): Promise<Uint8Array>;
}

/** Failures of the way, not of the configuration. */
const PASSING = new Set(['section_missing', 'fetch_failed', 'storage_failed', 'section_digest_mismatch']);

/** How many key sections are obtained while an earlier one is compiled: with nothing to disturb, and beside requests. */
const AHEAD = { alone: 6, beside: 1 };

/**
 * Takes manifests and serves what they list: verify, fetch, compile, store, swap. One at a time. Whatever goes wrong, the
 * configuration before is served on.
 */
export class Applier {
  readonly #options: ApplierOptions;
  #compiled: CompiledConfiguration | undefined;
  #served: Manifest | undefined;
  #floor: Floor | undefined;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(options: ApplierOptions) {
    this.#options = options;
  }

  /**
   * Serves what is stored. A store that is damaged or not believed is reported and set aside; its sections that are good
   * are not fetched again.
   *
   * @returns undefined when nothing is stored
   */
  async restore(signal: AbortSignal): Promise<ApplyResult | undefined> {
    const { store } = this.#options;
    this.#floor = await store.readFloor();
    let stored: StoredManifest | undefined;
    try {
      stored = await store.readManifest(this.#floor);
      if (!stored) return undefined;
      this.#raise(stored);
      await this.#compile(stored, signal, false);
      return { outcome: 'applied', version: versionOf(stored.manifest) };
    } catch (error) {
      // A damaged section is fetched again, and the manifest stays for its version. One that is not believed goes.
      if (!stored && !(error instanceof ProtocolError && error.code === 'storage_failed'))
        await store.setAside();
      return this.#reject(error, stored?.manifest);
    }
  }

  /** Applies a manifest as it came. Never throws. */
  apply(jws: string, signal: AbortSignal): Promise<ApplyResult> {
    const turn = this.#queue.then(() => this.#apply(jws, signal));
    this.#queue = turn;
    return turn;
  }

  async #apply(jws: string, signal: AbortSignal): Promise<ApplyResult> {
    let manifest: Manifest | undefined;
    try {
      const verified = await verifyManifest(jws, {
        ...this.#options.trust,
        protocol: PROTOCOL_VERSION,
        ...(this.#floor && {
          atLeast: this.#floor.version,
          signingGeneration: this.#floor.signingGeneration,
        }),
      });
      manifest = verified.manifest;
      if (this.#served && sameContent(this.#served, manifest)) {
        return { outcome: 'unchanged', version: versionOf(manifest) };
      }
      await this.#compile({ ...verified, jws }, signal, true);
      return { outcome: 'applied', version: versionOf(manifest) };
    } catch (error) {
      const result = this.#reject(error, manifest);
      // What was fetched for it is of no more use; without this, one refused revision after another would fill the disk.
      if (this.#served && !result.passing) await this.#options.store.prune(this.#served.sections);
      return result;
    }
  }

  async #compile(stored: StoredManifest, signal: AbortSignal, fresh: boolean): Promise<void> {
    const { store, holder, clock } = this.#options;
    const { manifest } = stored;
    // As long as nothing is served, no request is kept waiting.
    const isServing = holder.snapshot !== undefined;
    const memory = new SectionMemory();
    const compiled = await compileSnapshot({
      organization: manifest.organization,
      version: versionOf(manifest),
      sections: manifest.sections,
      previous: this.#compiled,
      pause: isServing ? createPause(() => clock.monotonic()) : () => undefined,
      ahead: isServing ? AHEAD.beside : AHEAD.alone,
      read: (section) => (fresh ? this.#obtain(section, signal, memory) : this.#readStored(section)),
      done: (bytes) => memory.takeBack(bytes),
    });
    if (fresh) {
      // What did not change was not read, and has to be there at the next start too.
      for (const section of knownSections(manifest.sections))
        if (!(await store.hasSection(section))) memory.takeBack(await this.#obtain(section, signal, memory));
      await store.commit(stored);
    } else store.markIntact(knownSections(manifest.sections));
    this.#raise(stored);
    this.#compiled = compiled;
    this.#served = manifest;
    holder.snapshot = compiled.snapshot;
  }

  async #readStored(section: ManifestSection): Promise<Uint8Array> {
    const bytes = await this.#options.store.readSection(section);
    if (bytes) return bytes;
    throw new ProtocolError('section_digest_mismatch', `the stored section ${section.name} is gone`, {
      section: section.name,
    });
  }

  #obtain(section: ManifestSection, signal: AbortSignal, memory: SectionMemory): Promise<Uint8Array> {
    const { store, fetch } = this.#options;
    const transfer: SectionTransfer = {
      stored: async (one) => ((await store.hasSection(one)) ? store.readSection(one) : undefined),
      fetch: (one, until) => fetch(one, until, memory.lend(one.bytes)),
      keep: (one, bytes) => store.writeSection(one, bytes),
    };
    return obtainSection(section, transfer, signal);
  }

  #raise(stored: StoredManifest): void {
    const floor = { version: versionOf(stored.manifest), signingGeneration: stored.signingGeneration };
    this.#floor = higherFloor(floor, this.#floor);
  }

  #reject(error: unknown, manifest: Manifest | undefined): ApplyResult & { outcome: 'rejected' } {
    const refusal =
      error instanceof ProtocolError
        ? error
        : new ProtocolError('section_malformed', 'the configuration could not be compiled');
    if (refusal.code === 'section_digest_mismatch') this.#options.store.forgetIntact();
    const rejection: Rejection = {
      ...(manifest && versionOf(manifest)),
      code: refusal.code,
      ...(refusal.section !== undefined && { section: refusal.section.slice(0, 100) }),
      ...(refusal.path !== undefined && { path: refusal.path.slice(0, 500) }),
      at: formatTimestamp(this.#options.clock.now()),
    };
    return { outcome: 'rejected', rejection, message: refusal.message, passing: PASSING.has(refusal.code) };
  }
}

function versionOf({ epoch, revision }: ConfigVersion): ConfigVersion {
  return { epoch, revision };
}

/** The same version may come in another form after an update of the agent, which understands a newer protocol. */
function sameContent(a: Manifest, b: Manifest): boolean {
  return compareVersions(a, b) === 0 && JSON.stringify(a.sections) === JSON.stringify(b.sections);
}
