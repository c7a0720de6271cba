import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const KEY_BYTES = 32;

/**
 * The key that tags providers' opaque state. From the setting, which replicas behind one address have to share; else one
 * of this state folder's own, made at the first start (0600), so that it outlives restarts.
 *
 * @throws what the file system throws
 */
export function readStateKey(setting: string | undefined, stateFolder: string): Buffer {
  if (setting !== undefined) return createHash('sha256').update(setting).digest();
  const file = join(stateFolder, 'state.key');
  const stored = readIfThere(file);
  if (stored?.length === KEY_BYTES) return stored;
  const made = randomBytes(KEY_BYTES);
  writeFileSync(file, made, { mode: 0o600 });
  return made;
}

function readIfThere(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
