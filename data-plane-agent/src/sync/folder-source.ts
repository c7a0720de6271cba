import { join } from 'node:path';
import { ProtocolError, sha256 } from '@bonito/protocol';
import { ControlPlaneError } from './control-plane-error.ts';
import type { ManifestSource } from './manifest-source.ts';
import type { StateFiles } from './state-files.ts';

/**
 * Configuration from a folder that was exported from an agent that has a control plane: its `manifest.jws` and
 * `sections/`. It is only read. Signatures, digests and versions are checked as if it came over the network.
 */
export function createFolderSource(files: StateFiles, folder: string): ManifestSource {
  return {
    async manifest({ tag }) {
      const bytes = await files.read(join(folder, 'manifest.jws')).catch(() => undefined);
      if (!bytes)
        throw new ControlPlaneError('unreachable', {
          what: 'the folder with the configuration has no manifest.jws',
        });
      const own = sha256(bytes);
      if (own === tag) return { changed: false, beat: false };
      return { changed: true, beat: false, jws: Buffer.from(bytes).toString('latin1').trim(), tag: own };
    },
    async section(section) {
      const bytes = await files.read(join(folder, 'sections', section.digest)).catch(() => undefined);
      if (bytes) return bytes;
      throw new ProtocolError('section_missing', `the folder has no section ${section.name}`, {
        section: section.name,
      });
    },
  };
}
