import type { DiskStream } from './disk-stream.ts';
import type { HeldLock } from './instance-locks.ts';
import type { LiveLog } from './live-log.ts';

/** The folder on the volume that is this instance's own, while it is. */
export interface OwnFolder {
  readonly folder: string;
  readonly lock: HeldLock;
  readonly log: LiveLog;
}

/** What the parts of one spool share. */
export interface SpoolState {
  /** The spool's folder on the volume, with one folder for each instance. */
  readonly root: string;
  /** Streams on disk that are this instance's to send, oldest first. */
  streams: DiskStream[];
  /** Undefined while the volume cannot be used. */
  own: OwnFolder | undefined;
  closed: boolean;
  /** Requests whose detail was collapsed into totals since the start. */
  collapsed: number;
  /** Reading a batch and collapsing exclude each other: what is being sent must not be replaced. */
  exclusive<Result>(run: () => Promise<Result>): Promise<Result>;
}

export function newSpoolState(root: string): SpoolState {
  let turn: Promise<unknown> = Promise.resolve();
  return {
    root,
    streams: [],
    own: undefined,
    closed: false,
    collapsed: 0,
    exclusive: (run) => {
      const result = turn.then(run);
      turn = result.catch(() => undefined);
      return result;
    },
  };
}
