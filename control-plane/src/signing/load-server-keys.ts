import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generateServerKeys, importServerKeys, type ServerKeys } from './server-keys.ts';
import { SigningKeysError } from './signing-keys-error.ts';
import { parseServerKeys, readKeysFile, writeKeysFile } from './signing-keys-file.ts';

/** Where the keys come from: the environment's JSON, a file named by it, or the data folder. */
export interface KeysLocation {
  /** `BONITO_SIGNING_KEYS`: the document itself. */
  json?: string | undefined;
  /** `BONITO_SIGNING_KEYS_FILE`: a file that must exist. */
  file?: string | undefined;
  /** Holds `signing-keys.json`, which is made where it is missing. */
  dataDir: string;
}

/** The two variables that name the keys. */
export function keysLocation(environment: Record<string, string | undefined>, dataDir: string): KeysLocation {
  return { json: environment.BONITO_SIGNING_KEYS, file: environment.BONITO_SIGNING_KEYS_FILE, dataDir };
}

/** The file in the data folder. */
export function keysFilePath(dataDir: string): string {
  return join(dataDir, 'signing-keys.json');
}

/**
 * Loads the control plane's keys; makes them at the first start when neither variable is set.
 *
 * @throws SigningKeysError when they cannot be read or are malformed. They are never replaced then, since agents trust
 *   the old root only.
 */
export async function loadServerKeys(location: KeysLocation, now: number = Date.now()): Promise<ServerKeys> {
  if (location.json) return importServerKeys(parseServerKeys(location.json, 'BONITO_SIGNING_KEYS'));
  if (location.file) {
    const text = await readFile(location.file, 'utf8').catch(() => undefined);
    if (text === undefined) {
      throw new SigningKeysError(
        'signing_keys_unreadable',
        `BONITO_SIGNING_KEYS_FILE names ${location.file}, which cannot be read`,
      );
    }
    return importServerKeys(parseServerKeys(text, location.file));
  }
  const path = keysFilePath(location.dataDir);
  const existing = await readKeysFile(path);
  if (existing) return importServerKeys(existing);
  const made = await generateServerKeys(now);
  await writeKeysFile(path, made, 'create');
  return importServerKeys((await readKeysFile(path)) ?? made);
}
