import { closeSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';

/**
 * Telling live instances from dead ones. An instance owns a folder for as long as it holds its lock.
 *
 * A lock is two things. A Unix socket in the folder, held open: it dies with the process, whatever its namespace, and a
 * connection to it says at once whether anyone is there. And a file `beat`, rewritten every five seconds: it is what counts
 * where a socket cannot be asked, since the owner runs under another kernel (a network volume) or the file system has no
 * sockets. Then an owner is dead when its beat did not change for a minute of the watcher's own monotonic time; no two clocks
 * are compared. An owner that stood still for half a minute makes sure that its folder is still its own before it writes.
 */
export interface InstanceLocks {
  /** Makes the folder `parent/id` and holds it. Rejects when the volume cannot be written. */
  hold(parent: string, id: string): Promise<HeldLock>;
  /** Whether the owner of the folder is dead. When in doubt, no. */
  isDead(folder: string): Promise<boolean>;
}

export interface HeldLock {
  /** Whether the folder is still this instance's. A comparison of two numbers, except after a long standstill. */
  confirm(): boolean;
  release(): void;
}

const BEAT_MS = 5_000;
const LAPSE_MS = 60_000;
/** `sun_path` has 108 bytes on Linux and 104 elsewhere. */
const SOCKET_PATH_BYTES = 100;

/** Locks over the real file system. `monotonic` answers milliseconds. */
export function nodeInstanceLocks(monotonic: () => number): InstanceLocks {
  const seen = new Map<string, { beat: string; since: number }>();
  const kernel = readKernelId();
  return {
    hold: async (parent, id) => {
      // Nobody looks at a folder of this name, so it is never seen without its lock.
      const folder = join(parent, `${id}.new`);
      const final = join(parent, id);
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const socket = await listen(folder);
      const prefix = `${kernel} ${socket ? 'socket' : 'beat'} ${id}`;
      const beatPath = join(final, 'beat');
      let count = 0;
      let lastBeat = monotonic();
      const content = () => `${prefix} ${String(count).padStart(12, '0')}\n`;
      writeFileSync(join(folder, 'beat'), content(), { mode: 0o600 });
      renameSync(folder, final);
      const confirm = () => {
        if (monotonic() - lastBeat < LAPSE_MS / 2) return true;
        if (readText(beatPath) !== content()) return false;
        beat();
        return true;
      };
      const beat = () => {
        // A standstill is noticed by `confirm`, which must see the beat as the standstill left it.
        count += 1;
        try {
          writeFileSync(beatPath, content(), { flag: 'r+' });
          lastBeat = monotonic();
        } catch {
          count -= 1;
        }
      };
      const timer = setInterval(() => {
        if (confirm()) beat();
        else clearInterval(timer);
      }, BEAT_MS);
      timer.unref();
      return {
        confirm,
        release: () => {
          clearInterval(timer);
          socket?.close();
        },
      };
    },
    isDead: async (folder) => {
      const beat = readText(join(folder, 'beat'));
      const [ownerKernel, kind] = beat.split(' ');
      if (kind === 'socket' && ownerKernel === kernel) return !(await answers(folder));
      const before = seen.get(folder);
      if (!before || before.beat !== beat) {
        if (seen.size > 1_000) seen.clear();
        seen.set(folder, { beat, since: monotonic() });
        return false;
      }
      return monotonic() - before.since >= LAPSE_MS;
    },
  };
}

/** Processes under one kernel see each other's sockets, whatever their containers are called. */
function readKernelId(): string {
  return readText('/proc/sys/kernel/random/boot_id').trim() || `host-${hostname().replaceAll(' ', '-')}`;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** A path to the folder's socket that is short enough; a deep folder is reached through an open handle (Linux only). */
function socketAddress(folder: string): { path: string; done(): void } {
  const path = join(folder, 'lock');
  if (Buffer.byteLength(path) < SOCKET_PATH_BYTES || process.platform !== 'linux') {
    return { path, done: () => undefined };
  }
  const handle = openSync(folder, 'r');
  return { path: `/proc/self/fd/${handle}/lock`, done: () => closeSync(handle) };
}

/** Undefined where the file system has no sockets: the beat alone counts then. */
async function listen(folder: string): Promise<{ close(): void } | undefined> {
  const address = socketAddress(folder);
  const server: Server = createServer((connection) => connection.destroy());
  const works = await new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false));
    server.listen({ path: address.path }, () => resolve(true));
  });
  if (!works) {
    address.done();
    return undefined;
  }
  server.on('error', () => undefined);
  server.unref();
  return { close: () => server.close(() => address.done()) };
}

function answers(folder: string): Promise<boolean> {
  return new Promise((resolve) => {
    const address = socketAddress(folder);
    const connection = connect({ path: address.path });
    const finish = (alive: boolean) => {
      connection.destroy();
      address.done();
      resolve(alive);
    };
    connection.once('connect', () => finish(true));
    connection.once('error', (error: NodeJS.ErrnoException) => {
      // Refused: the socket's process is gone. Absent: it was closed in good order. Anything else proves nothing.
      finish(error.code !== 'ECONNREFUSED' && error.code !== 'ENOENT');
    });
  });
}
