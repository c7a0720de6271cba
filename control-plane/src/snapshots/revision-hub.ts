import type { ConfigVersion } from '@bonito/protocol';
import type { Listener } from '../db/listen.ts';
import type { Database } from '../db/transactions.ts';
import { REVISIONS_CHANNEL } from './publish-change.ts';
import type { ReplicaChannel } from './redis-channel.ts';
import { type RevisionState, readRevisionState } from './revision-state.ts';
import { recentRevisions } from './revisions.system.queries.ts';

/** A place in the queue of those who wait for an organization. Taken before the version is read, so that no wake is missed. */
export interface Waiter {
  /** Resolves when the organization was announced since the waiter was made, when the time is over, or on abort. */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>;
  leave(): void;
}

/** Who waits for which organization, and what wakes them. Waiting takes no database connection. */
export interface RevisionHub {
  enter(organizationId: string): Waiter;
  /** The current state; callers at the same time share one query. */
  state(organizationId: string): Promise<RevisionState>;
  /** After a commit: wakes waiters here and on other replicas. Never throws. */
  announce(organizationId: string): void;
  /** Calls back for every announced organization, local or not. */
  onAnnounce(callback: (organizationId: string) => void): void;
  waiting(): number;
  /** True once `stop` was called: nobody should wait any more. */
  readonly stopped: boolean;
  stop(): Promise<void>;
}

/** How often changed revisions are read again, in case that no notification came; and how far back that query looks. */
export const REREAD = { milliseconds: 500, seconds: 60 } as const;

export async function createRevisionHub(options: {
  database: Database;
  listener: Listener;
  /** Redis, where there is one. */
  channel?: ReplicaChannel | undefined;
  onError?: (error: unknown) => void;
  /** False in tests that prove what notifications alone do. */
  reread?: boolean;
}): Promise<RevisionHub> {
  const { database, listener, channel, onError = () => {} } = options;
  const waiters = new Map<string, Set<() => void>>();
  const reads = new Map<string, Promise<RevisionState>>();
  /** The versions that waiters went to sleep with; only for organizations that have waiters. */
  const seen = new Map<string, ConfigVersion>();
  let stopped = false;
  const callbacks: ((organizationId: string) => void)[] = [];

  function wake(organizationId: string): void {
    // A read that began before the change must not be shared with those who wake because of it.
    reads.delete(organizationId);
    for (const callback of callbacks) callback(organizationId);
    const sleeping = waiters.get(organizationId);
    if (sleeping) for (const resume of [...sleeping]) resume();
  }

  async function reread(): Promise<void> {
    if (waiters.size === 0) return;
    for (const version of await recentRevisions(database, REREAD.seconds)) {
      if (!waiters.has(version.org_id)) continue;
      const known = seen.get(version.org_id);
      if (known && known.epoch === version.epoch && known.revision === version.revision) continue;
      seen.set(version.org_id, version);
      wake(version.org_id);
    }
  }

  let rereading: Promise<void> | undefined;
  const timer =
    options.reread === false
      ? undefined
      : setInterval(() => {
          rereading ??= reread()
            .catch(onError)
            .finally(() => {
              rereading = undefined;
            });
        }, REREAD.milliseconds);
  timer?.unref();
  const stopListening = await listener.listen(REVISIONS_CHANNEL, wake);
  const stopChannel = await channel?.subscribe(wake);

  return {
    enter(organizationId) {
      let awake = false;
      let resume: (() => void) | undefined;
      const onWake = () => {
        awake = true;
        resume?.();
      };
      const set = waiters.get(organizationId) ?? new Set();
      waiters.set(organizationId, set.add(onWake));
      return {
        sleep(milliseconds, signal) {
          if (awake || signal.aborted || milliseconds <= 0) return Promise.resolve();
          return new Promise<void>((resolve) => {
            const done = () => {
              clearTimeout(timeout);
              signal.removeEventListener('abort', done);
              resume = undefined;
              resolve();
            };
            const timeout = setTimeout(done, milliseconds);
            signal.addEventListener('abort', done);
            resume = done;
          });
        },
        leave() {
          set.delete(onWake);
          if (set.size > 0 || waiters.get(organizationId) !== set) return;
          waiters.delete(organizationId);
          seen.delete(organizationId);
        },
      };
    },
    state(organizationId) {
      const running = reads.get(organizationId);
      if (running) return running;
      const read = readRevisionState(database, organizationId).then((state) => {
        if (waiters.has(organizationId)) seen.set(organizationId, state);
        return state;
      });
      reads.set(organizationId, read);
      const forget = () => {
        if (reads.get(organizationId) === read) reads.delete(organizationId);
      };
      read.then(forget, forget);
      return read;
    },
    announce(organizationId) {
      wake(organizationId);
      channel?.publish(organizationId).catch(onError);
    },
    onAnnounce(callback) {
      callbacks.push(callback);
    },
    waiting: () => [...waiters.values()].reduce((total, set) => total + set.size, 0),
    get stopped() {
      return stopped;
    },
    async stop() {
      stopped = true;
      clearInterval(timer);
      for (const organizationId of [...waiters.keys()]) wake(organizationId);
      await rereading;
      await stopListening();
      await stopChannel?.();
    },
  };
}
