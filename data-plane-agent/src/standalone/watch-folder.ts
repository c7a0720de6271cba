import { watch } from 'node:fs';

/**
 * Calls back whenever something in a folder changes, until the function that it returns is called. A folder and not
 * a file, since editors and Kubernetes (config maps) put a new file in the place of the old one. Where the system cannot
 * watch, it never calls; whoever needs to be sure looks from time to time as well.
 */
export function watchFolder(folder: string, changed: () => void): () => void {
  try {
    const watcher = watch(folder, { persistent: false }, changed);
    watcher.on('error', () => watcher.close());
    return () => watcher.close();
  } catch {
    return () => {};
  }
}
