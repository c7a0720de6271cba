import { randomUUID } from 'node:crypto';
import { link, mkdir, open, readFile, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type ServerKeysDocument, serverKeysDocumentSchema } from './server-keys.ts';
import { SigningKeysError } from './signing-keys-error.ts';

/**
 * Reads a keys document from JSON.
 *
 * @param source where the text came from, for the message; the text itself is never repeated
 * @throws SigningKeysError `signing_keys_malformed`
 */
export function parseServerKeys(text: string, source: string): ServerKeysDocument {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new SigningKeysError('signing_keys_malformed', `${source} is not JSON; restore it from a backup`);
  }
  const parsed = serverKeysDocumentSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const path = parsed.error.issues[0]?.path.join('.') || 'its root';
  throw new SigningKeysError(
    'signing_keys_malformed',
    `${source} is not a signing keys document (at ${path}); restore it from a backup`,
  );
}

/**
 * Reads the keys file; undefined when there is none.
 *
 * @throws SigningKeysError `signing_keys_unreadable`, `signing_keys_malformed`
 */
export async function readKeysFile(path: string): Promise<ServerKeysDocument | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    if (code === 'ENOENT') return undefined;
    throw new SigningKeysError('signing_keys_unreadable', `${path} cannot be read (${code})`);
  }
  return parseServerKeys(text, path);
}

/**
 * Writes the keys file with mode 0600, whole or not at all.
 *
 * @param mode `create` leaves a file that another process made meanwhile as it is; `replace` puts this one in its place
 */
export async function writeKeysFile(
  path: string,
  document: ServerKeysDocument,
  mode: 'create' | 'replace',
): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const temporary = `${path}.${randomUUID()}`;
  const file = await open(temporary, 'wx', 0o600);
  try {
    await file.writeFile(`${JSON.stringify(document, null, 2)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  if (mode === 'replace') {
    await rename(temporary, path);
    return;
  }
  try {
    // A link, unlike a rename, never replaces a file: of two processes that start at once, one makes the keys.
    await link(temporary, path);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  } finally {
    await unlink(temporary);
  }
}
