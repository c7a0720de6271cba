import { readFileSync } from 'node:fs';

/** Watches files that are replaced from outside, such as mounted certificates. */
export interface FileReload {
  /** Looks now. */
  check(): void;
  stop(): void;
}

/**
 * Calls `changed` when the content of any of these files is another one. Looks on a timer, since a watch misses the
 * swapped links of mounted secrets; files are small, so they are compared whole. A file that is missing for a moment is
 * no change.
 */
export function reloadFiles(paths: readonly string[], changed: () => void, everyMs = 10_000): FileReload {
  let last = paths.map(readOrKeep);
  const check = () => {
    const now = paths.map((path, index) => readOrKeep(path) ?? last[index]);
    const same = now.every((text, index) => text === last[index]);
    last = now;
    if (!same) changed();
  };
  const timer = setInterval(check, everyMs);
  timer.unref();
  return { check, stop: () => clearInterval(timer) };
}

function readOrKeep(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
