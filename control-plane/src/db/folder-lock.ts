import { randomUUID } from 'node:crypto';
import { link, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

/** Another process has the folder open. */
export class FolderInUseError extends Error {
  override readonly name = 'FolderInUseError';
  readonly folder: string;
  constructor(folder: string, processId: string) {
    super(
      `${folder} is in use by process ${processId}: stop that one, choose another folder, or set DATABASE_URL to a Postgres server that several processes may share`,
    );
    this.folder = folder;
  }
}

const LOCK_FILE = 'process.lock';
const TAKEOVER_FILE = 'process.lock.takeover';
/** A takeover takes microseconds; one that is older, in milliseconds, was cut off. */
const TAKEOVER_AGE = 5_000;
const RETRY_MILLISECONDS = 5;

/**
 * Takes a folder for this process alone. A lock whose process is gone is taken over.
 *
 * @returns the function that gives it back
 * @throws FolderInUseError
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const file = path.join(folder, LOCK_FILE);
  const mine = `${process.pid} ${await startOf(process.pid)}`;
  while (!(await createWhole(file, mine))) {
    const holder = await readHolder(file);
    if (holder === undefined) continue;
    const [processId = '', start = ''] = holder.split(' ');
    if (await isRunning(Number(processId), start)) throw new FolderInUseError(folder, processId);
    if (!(await removeStale(folder, file, holder, mine))) await wait(RETRY_MILLISECONDS);
  }
  return () => rm(file, { force: true });
}

/** Creates a file with its content, in one step; false when it exists. Nobody ever reads it half written. */
async function createWhole(file: string, content: string): Promise<boolean> {
  const draft = `${file}.${randomUUID()}`;
  await writeFile(draft, content, { mode: 0o600 });
  try {
    await link(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  } finally {
    await rm(draft, { force: true });
  }
}

/** Removes a lock that is still the stale one. One process at a time does so, or it might remove a new lock. */
async function removeStale(folder: string, file: string, stale: string, mine: string): Promise<boolean> {
  const takeover = path.join(folder, TAKEOVER_FILE);
  if (!(await createWhole(takeover, mine))) {
    const since = (await stat(takeover).catch(() => undefined))?.mtimeMs;
    if (since !== undefined && Date.now() - since > TAKEOVER_AGE) await rm(takeover, { force: true });
    return false;
  }
  try {
    if ((await readHolder(file)) === stale) await rm(file, { force: true });
    return true;
  } finally {
    await rm(takeover, { force: true });
  }
}

async function readHolder(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch(() => undefined);
}

/** A process id is used again after a restart of the machine or container, so that its start time counts too. */
async function isRunning(processId: number, start: string): Promise<boolean> {
  if (!Number.isInteger(processId) || processId <= 0) return false;
  try {
    process.kill(processId, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  return (await startOf(processId)) === start;
}

/** When a process started, where the system tells it (Linux); the same text for all others. */
async function startOf(processId: number): Promise<string> {
  try {
    const text = await readFile(`/proc/${processId}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}
