import { readFileSync, realpathSync } from 'node:fs';
import { join, sep } from 'node:path';

/** Credentials in the files of one folder, as they were read last. */
export interface FileCredentials {
  /** From memory, but for the first time that a name is asked for. */
  read(name: string): string | undefined;
  /** Reads every known file again. */
  reload(): void;
  /** Reads one file again. */
  reloadOne(name: string): void;
}

const NAME = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}$/;
const KNOWN_LIMIT = 1_000;
const SIZE_LIMIT = 64 * 1024;

/**
 * Credentials inside `folder` only. A link that leads out of it is refused, so that a control plane that names a file
 * cannot make the agent send another one; the links that Kubernetes makes (`key -> ..data/key`) stay inside.
 * Blanks and line ends around a credential are not part of it.
 */
export function createFileCredentials(folder: string | undefined): FileCredentials {
  const known = new Map<string, string | undefined>();
  const load = (name: string): string | undefined => {
    const value = folder === undefined || !NAME.test(name) ? undefined : readInside(folder, name);
    if (known.has(name) || known.size < KNOWN_LIMIT) known.set(name, value);
    return value;
  };
  return {
    read: (name) => (known.has(name) ? known.get(name) : load(name)),
    reload() {
      for (const name of known.keys()) load(name);
    },
    reloadOne: (name) => void load(name),
  };
}

function readInside(folder: string, name: string): string | undefined {
  try {
    const inside = realpathSync(folder) + sep;
    const path = realpathSync(join(folder, name));
    if (!path.startsWith(inside)) return undefined;
    const text = readFileSync(path);
    if (text.length > SIZE_LIMIT) return undefined;
    return text.toString('utf8').trim() || undefined;
  } catch {
    return undefined;
  }
}
