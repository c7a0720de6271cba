import { checkDigest, type ManifestSection, ProtocolError } from '@bonito/protocol';
import { ControlPlaneError } from './control-plane-error.ts';

/** Where sections are and where they are kept. */
export interface SectionTransfer {
  /** The stored one, if it is as it should be. */
  stored(section: ManifestSection): Promise<Uint8Array | undefined>;
  fetch(section: ManifestSection, signal: AbortSignal): Promise<Uint8Array>;
  keep(section: ManifestSection, bytes: Uint8Array): Promise<void>;
}

/**
 * A section from where it is kept, or else from the control plane: then it is checked against its digest before it is kept.
 *
 * @throws ProtocolError `section_missing` (404: the manifest was superseded), `section_digest_mismatch`, `fetch_failed`,
 * `storage_failed`
 */
export async function obtainSection(
  section: ManifestSection,
  transfer: SectionTransfer,
  signal: AbortSignal,
): Promise<Uint8Array> {
  if (signal.aborted) throw new ProtocolError('fetch_failed', 'the agent is stopping');
  const stored = await transfer.stored(section);
  if (stored) return stored;
  let bytes: Uint8Array;
  try {
    bytes = await transfer.fetch(section, signal);
  } catch (error) {
    throw refusal(section, error);
  }
  checkDigest(section, bytes);
  await transfer.keep(section, bytes);
  return bytes;
}

function refusal(section: ManifestSection, error: unknown): unknown {
  if (!(error instanceof ControlPlaneError)) return error;
  const place = { section: section.name };
  if (error.code === 'not_found')
    return new ProtocolError('section_missing', `the control plane has no section ${section.name}`, place);
  if (error.code === 'answer_too_large')
    return new ProtocolError(
      'section_digest_mismatch',
      `section ${section.name} is longer than signed`,
      place,
    );
  return new ProtocolError(
    'fetch_failed',
    `section ${section.name} could not be fetched: ${error.message}`,
    place,
  );
}
