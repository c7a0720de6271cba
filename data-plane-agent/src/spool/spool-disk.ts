import {
  closeSync,
  fdatasync,
  fsync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { promisify } from 'node:util';

/**
 * The file system as the spool uses it. A port, so that tests and simulations decide when a write fails, what a power
 * loss takes and when a process dies. What is synchronous is either rare (names) or the one write of a turn.
 */
export interface SpoolDisk {
  /** Makes a folder and those above it; one that exists is fine. */
  makeFolder(path: string): void;
  /** Names in a folder; none when there is no such folder. */
  list(path: string): string[];
  /** Opens a file for appending, made when absent. */
  openAppend(path: string): number;
  /** Appends all of the bytes. When it throws, some may be in the file. */
  write(handle: number, bytes: Uint8Array): void;
  /** Cuts the file to a length in bytes. */
  truncate(handle: number, length: number): void;
  /** Settles once the file's content survives a loss of power. */
  sync(handle: number): Promise<void>;
  /** Settles once the names in a folder survive a loss of power. */
  syncFolder(path: string): Promise<void>;
  close(handle: number): void;
  /** Bytes in a file; 0 when there is none. */
  size(path: string): number;
  /** Up to `length` bytes from `position`; fewer at the end of the file. */
  read(path: string, position: number, length: number): Promise<Buffer>;
  /** Atomic. Throws when `from` does not exist. */
  rename(from: string, to: string): void;
  /** Removes a file, or a folder with all in it; one that is absent is fine. */
  remove(path: string): void;
}

const dataSync = promisify(fdatasync);
const fullSync = promisify(fsync);

/** The spool's disk over node:fs. Folders are 0700 and files 0600. */
export const nodeSpoolDisk: SpoolDisk = {
  makeFolder: (path) => {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  },
  list: (path) => {
    try {
      return readdirSync(path);
    } catch (error) {
      if (isAbsence(error)) return [];
      throw error;
    }
  },
  openAppend: (path) => openSync(path, 'a', 0o600),
  write: (handle, bytes) => {
    // A write may take only a part, for one when a disk is nearly full.
    for (let offset = 0; offset < bytes.length; ) {
      const written = writeSync(handle, bytes, offset);
      if (written === 0) throw new Error('the disk takes no more bytes');
      offset += written;
    }
  },
  truncate: (handle, length) => ftruncateSync(handle, length),
  sync: (handle) => dataSync(handle),
  syncFolder: async (path) => {
    const handle = openSync(path, 'r');
    try {
      await fullSync(handle);
    } finally {
      closeSync(handle);
    }
  },
  close: (handle) => closeSync(handle),
  size: (path) => statSync(path, { throwIfNoEntry: false })?.size ?? 0,
  read: async (path, position, length) => {
    const file = await open(path, 'r');
    try {
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(length), 0, length, position);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  },
  rename: (from, to) => renameSync(from, to),
  remove: (path) => rmSync(path, { recursive: true, force: true }),
};

function isAbsence(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}
