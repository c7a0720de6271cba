import { join } from 'node:path';
import type { StateFiles } from './state-files.ts';

/**
 * How long a section that nothing refers to is left alone. Another agent on the same folder may have written it for a
 * manifest that it has not stored yet; while that lasts, the agent renews its sections.
 */
const KEPT_MILLISECONDS = 120_000;
/** A section that is taken up again is renewed unless that was done within this time; well below the one above. */
export const RENEW_MILLISECONDS = 30_000;
/** No write lasts that long; what is left by then was left by a crash. */
const TEMPORARY_MILLISECONDS = 3_600_000;

/**
 * Removes the sections that are not listed, and what crashes left half written, once they are old enough to be nobody's.
 *
 * @param folder of the stored configuration
 * @param kept digests of the sections that stay
 * @param now milliseconds since 1970
 * @throws errors of the disk
 */
export async function pruneSections(
  files: StateFiles,
  folder: string,
  kept: ReadonlySet<string>,
  now: number,
): Promise<void> {
  const sections = join(folder, 'sections');
  for (const name of await files.list(sections)) {
    if (kept.has(name)) continue;
    const age = isTemporary(name) ? TEMPORARY_MILLISECONDS : KEPT_MILLISECONDS;
    await removeOlder(files, join(sections, name), now - age);
  }
  for (const name of await files.list(folder)) {
    if (isTemporary(name)) await removeOlder(files, join(folder, name), now - TEMPORARY_MILLISECONDS);
  }
}

function isTemporary(name: string): boolean {
  return name.endsWith('.new');
}

async function removeOlder(files: StateFiles, path: string, time: number): Promise<void> {
  const modifiedAt = await files.modifiedAt(path);
  if (modifiedAt !== undefined && modifiedAt < time) await files.remove(path);
}
