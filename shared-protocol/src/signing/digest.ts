import { sha256 } from '../ids.ts';
import { ProtocolError } from '../protocol-error.ts';
import type { ManifestSection } from '../wire/manifest.ts';

/**
 * Checks a section's bytes against the manifest, before anything reads them.
 *
 * @throws ProtocolError `section_digest_mismatch`
 */
export function checkDigest(section: ManifestSection, bytes: Uint8Array): void {
  if (bytes.length !== section.bytes || sha256(bytes) !== section.digest) {
    throw new ProtocolError(
      'section_digest_mismatch',
      `section ${section.name} is not what the manifest signed`,
      {
        section: section.name,
      },
    );
  }
}
