import { keysFilePath } from './load-server-keys.ts';
import { rotateSigningKey } from './server-keys.ts';
import { SigningKeysError } from './signing-keys-error.ts';
import { parseServerKeys, readKeysFile, writeKeysFile } from './signing-keys-file.ts';

/** What the rotation did. */
export interface RotationResult {
  generation: number;
  /** Set when the keys come from `BONITO_SIGNING_KEYS`: the document to put in its place. */
  document?: string;
}

/**
 * Gives the signing key a successor that the same root vouches for. Control planes take it up when they restart; agents
 * follow it from the next manifest on, and never go back. Keys in a file are replaced there; keys in the environment
 * cannot be, so that the new document is handed back.
 *
 * @throws SigningKeysError when there are no keys yet, or they cannot be read
 */
export async function rotateKeys(
  environment: Record<string, string | undefined>,
  dataDir: string,
  now: number,
): Promise<RotationResult> {
  if (environment.BONITO_SIGNING_KEYS) {
    const rotated = await rotateSigningKey(
      parseServerKeys(environment.BONITO_SIGNING_KEYS, 'BONITO_SIGNING_KEYS'),
      now,
    );
    return { generation: rotated.signing.generation, document: JSON.stringify(rotated) };
  }
  const path = environment.BONITO_SIGNING_KEYS_FILE ?? keysFilePath(dataDir);
  const current = await readKeysFile(path);
  if (!current) {
    throw new SigningKeysError(
      'signing_keys_unreadable',
      `${path} does not exist; start the control plane once`,
    );
  }
  const rotated = await rotateSigningKey(current, now);
  await writeKeysFile(path, rotated, 'replace');
  return { generation: rotated.signing.generation };
}
