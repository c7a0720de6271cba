import { checkDigest, type ManifestSection, ProtocolError } from '@bonito/protocol';
import { ControlPlaneError } from './control-plane-error.ts';

/** How many sections are fetched at once, when there is nothing to disturb, and beside requests. */
const CONCURRENCY = { alone: 6, beside: 1 };

/** Where sections are and where they are kept. */
export interface SectionTransfer {
  has(section: ManifestSection): Promise<boolean>;
  fetch(section: ManifestSection, signal: AbortSignal): Promise<Uint8Array>;
  keep(section: ManifestSection, bytes: Uint8Array): Promise<void>;
  /** Waited for between two sections where requests are being served; undefined where none are. */
  rest: (() => Promise<void>) | undefined;
}

/**
 * Fetches the sections that are missing, a few at a time; each is checked against its digest before it is kept. The first
 * failure stops the rest; what was kept until then is not fetched again.
 *
 * @throws ProtocolError `section_missing` (404: the manifest was superseded), `section_digest_mismatch`, `fetch_failed`,
 * `storage_failed`
 */
export async function fetchSections(
  sections: readonly ManifestSection[],
  transfer: SectionTransfer,
  signal: AbortSignal,
): Promise<void> {
  const waiting = [...new Map(sections.map((section) => [section.digest, section])).values()];
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  const work = async () => {
    for (let section = waiting.shift(); section && !either.aborted; section = waiting.shift()) {
      try {
        await fetchOne(section, transfer, either);
        if (waiting.length > 0) await transfer.rest?.();
      } catch (error) {
        failed.abort();
        throw error;
      }
    }
  };
  const results = await Promise.allSettled(
    Array.from({ length: transfer.rest ? CONCURRENCY.beside : CONCURRENCY.alone }, work),
  );
  // The first in time is the cause; those that it stopped come with `fetch_failed`, so any other code goes first.
  const errors = results.flatMap((result) =>
    result.status === 'rejected' ? [result.reason as unknown] : [],
  );
  const cause = errors.find((error) => !(error instanceof ProtocolError && error.code === 'fetch_failed'));
  if (errors.length > 0) throw cause ?? errors[0];
  if (signal.aborted) throw new ProtocolError('fetch_failed', 'the agent is stopping');
}

async function fetchOne(
  section: ManifestSection,
  transfer: SectionTransfer,
  signal: AbortSignal,
): Promise<void> {
  if (await transfer.has(section)) return;
  let bytes: Uint8Array;
  try {
    bytes = await transfer.fetch(section, signal);
  } catch (error) {
    throw refusal(section, error);
  }
  checkDigest(section, bytes);
  await transfer.keep(section, bytes);
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
