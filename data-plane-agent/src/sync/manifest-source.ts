import type { ManifestSection } from '@bonito/protocol';

/** What a source says about the manifest. */
export type ManifestAnswer = {
  /** The control plane asks for a heartbeat at once. */
  beat: boolean;
} & ({ changed: false } | { changed: true; jws: string; tag: string | undefined });

/** Where configuration comes from: a control plane, or a folder that was exported from one. */
export interface ManifestSource {
  /** The manifest, if it is another than the one with this tag. A source may hold its answer for `waitSeconds`. */
  manifest(request: {
    tag: string | undefined;
    waitSeconds: number;
    signal: AbortSignal;
  }): Promise<ManifestAnswer>;
  /**
   * A section's bytes: at most as many as the manifest says, not checked yet.
   *
   * @param into memory of at least that size, in which they may lie
   */
  section(section: ManifestSection, signal: AbortSignal, into: Buffer): Promise<Uint8Array>;
}
