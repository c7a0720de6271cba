import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { dirname } from 'node:path';

/** What the stored configuration and the agent's token need of a disk; given from outside so that tests can let it fail. */
export interface StateFiles {
  /** Undefined when there is no such file. */
  read(path: string): Promise<Uint8Array | undefined>;
  /** Writes a new file (0600) and waits until it is on the disk. */
  write(path: string, bytes: Uint8Array): Promise<void>;
  /** Puts a file or folder in the place of another, and waits until the folder knows it. */
  rename(from: string, to: string): Promise<void>;
  /** Names in a folder; none when it does not exist. */
  list(folder: string): Promise<string[]>;
  /** Removes a file if it exists. */
  remove(path: string): Promise<void>;
  /** When a file was last written or renewed, ms since 1970; undefined when it does not exist. */
  modifiedAt(path: string): Promise<number | undefined>;
  /** Makes a file look as if it was written at this time, ms since 1970; false when it does not exist. */
  renew(path: string, at: number): Promise<boolean>;
  /** Makes a folder (0700) with those above it, if it does not exist. */
  makeFolder(path: string): Promise<void>;
}

/** The real disk. */
export const diskFiles: StateFiles = {
  async read(path) {
    try {
      return await readFile(path);
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  },
  async write(path, bytes) {
    const file = await open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC, 0o600);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
  },
  async rename(from, to) {
    await rename(from, to);
    await syncFolder(dirname(to));
  },
  async list(folder) {
    try {
      return await readdir(folder);
    } catch (error) {
      if (isMissing(error)) return [];
      throw error;
    }
  },
  async remove(path) {
    await rm(path, { force: true });
  },
  async modifiedAt(path) {
    try {
      return (await stat(path)).mtimeMs;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  },
  async renew(path, at) {
    try {
      await utimes(path, at / 1_000, at / 1_000);
      return true;
    } catch (error) {
      if (isMissing(error)) return false;
      throw error;
    }
  },
  async makeFolder(path) {
    await mkdir(path, { recursive: true, mode: 0o700 });
  },
};

/**
 * Replaces a file so that after a crash either the old or the new content stands there, whole. The temporary file has a
 * name of its own, since two agents may share one state folder.
 */
export async function replaceFile(files: StateFiles, path: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${path}.${randomUUID()}.new`;
  await files.write(temporary, bytes);
  await files.rename(temporary, path);
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, constants.O_RDONLY);
  try {
    await folder.sync();
  } catch (error) {
    // Some file systems (SMB, FUSE) cannot sync a folder; a rename is all that can be had there.
    if (!['EINVAL', 'ENOTSUP', 'EPERM', 'EISDIR'].includes((error as NodeJS.ErrnoException).code ?? ''))
      throw error;
  } finally {
    await folder.close();
  }
}

function isMissing(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === 'ENOENT' || code === 'ENOTDIR';
}
