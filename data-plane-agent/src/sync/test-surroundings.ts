import type { Clock } from '../gateway/ports.ts';
import type { StateFiles } from './state-files.ts';
import type { Timers } from './timers.ts';

/** A clock and timers that only a test moves. */
export interface TestTime {
  clock: Clock;
  timers: Timers;
  /** How long each sleeper that is waiting now wanted to wait, in milliseconds. */
  waiting(): number[];
  /** Lets that much time pass, and runs what is due. */
  pass(milliseconds: number): Promise<void>;
}

export function createTestTime(start = Date.parse('2026-11-21T08:00:00.000Z')): TestTime {
  let elapsed = 0;
  const sleepers = new Set<{ at: number; wanted: number; run: () => void }>();
  return {
    clock: { now: () => start + elapsed, monotonic: () => elapsed },
    timers: {
      after(milliseconds, run) {
        const sleeper = { at: elapsed + milliseconds, wanted: milliseconds, run };
        sleepers.add(sleeper);
        return () => sleepers.delete(sleeper);
      },
    },
    waiting: () => [...sleepers].map((sleeper) => sleeper.wanted),
    async pass(milliseconds) {
      elapsed += milliseconds;
      for (const sleeper of [...sleepers].filter(({ at }) => at <= elapsed)) {
        sleepers.delete(sleeper);
        sleeper.run();
      }
      await settle();
    },
  };
}

/** Lets everything that waits for nothing outside run to its end. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** A disk in memory. `fail` is asked before each change; when it answers true, that change and all later ones fail. */
export function createMemoryFiles(
  fail: (change: string) => boolean = () => false,
  clock: Pick<Clock, 'now'> = { now: () => 0 },
): StateFiles & {
  content: Map<string, Uint8Array>;
  changes: number;
} {
  const content = new Map<string, Uint8Array>();
  const times = new Map<string, number>();
  let dead = false;
  const change = (what: string) => {
    disk.changes += 1;
    dead = dead || fail(what);
    if (dead) throw Object.assign(new Error('the disk is gone'), { code: 'EIO' });
  };
  const disk = {
    content,
    changes: 0,
    async read(path: string) {
      return content.get(path);
    },
    async write(path: string, bytes: Uint8Array) {
      try {
        change(`write ${path}`);
      } catch (error) {
        // A crash in the middle of writing leaves half of it.
        content.set(path, bytes.subarray(0, bytes.length / 2));
        throw error;
      }
      content.set(path, bytes);
      times.set(path, clock.now());
    },
    async rename(from: string, to: string) {
      change(`rename ${to}`);
      const bytes = content.get(from);
      if (!bytes) throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
      content.delete(from);
      content.set(to, bytes);
      times.set(to, times.get(from) ?? clock.now());
    },
    async list(folder: string) {
      return [...content.keys()]
        .filter((path) => path.startsWith(`${folder}/`))
        .map((path) => path.slice(folder.length + 1))
        .filter((name) => !name.includes('/'));
    },
    async modifiedAt(path: string) {
      return content.has(path) ? (times.get(path) ?? clock.now()) : undefined;
    },
    async renew(path: string, at: number) {
      change(`renew ${path}`);
      times.set(path, at);
      return content.has(path);
    },
    async remove(path: string) {
      change(`remove ${path}`);
      content.delete(path);
    },
    async makeFolder(path: string) {
      change(`make ${path}`);
    },
  };
  return disk;
}
