import type { Clock, Random } from '../gateway/ports.ts';
import type { InstanceLocks } from './instance-locks.ts';
import type { SpoolDisk } from './spool-disk.ts';

/** Waiting, given from outside so that tests and simulations decide what happens when. */
export interface SpoolTimers {
  /** Runs once after some milliseconds, unless the function that it answers with was called before. */
  after(milliseconds: number, run: () => void): () => void;
  /** Runs when the event loop's turn is over. */
  soon(run: () => void): void;
}

/** Timers of the running process. They do not keep it alive. */
export const nodeSpoolTimers: SpoolTimers = {
  after: (milliseconds, run) => {
    const timer = setTimeout(run, milliseconds);
    timer.unref();
    return () => clearTimeout(timer);
  },
  soon: (run) => {
    setImmediate(run);
  },
};

/**
 * Sends to the control plane: `path` under its address, the body as it goes over the wire, header names in lower case.
 * Rejects when no answer came.
 */
export type SpoolPost = (
  path: string,
  body: Buffer,
  headers: Record<string, string>,
) => Promise<{ status: number; headers: Record<string, string | undefined>; body: Buffer }>;

/** What an operator should hear of; the host writes it to its log and metrics. Messages hold no content. */
export type SpoolEvent =
  /** Usage goes on in memory. */
  | { type: 'disk_failed'; message: string }
  | { type: 'disk_recovered' }
  | { type: 'stream_adopted'; stream: string; unknown: number; damagedLines: number }
  | { type: 'adoption_failed'; message: string }
  /** The detail of `records` requests was dropped; their money was kept. */
  | { type: 'collapsed'; records: number; where: 'disk' | 'memory' }
  | { type: 'collapse_failed'; message: string }
  /** An upload that did not succeed and will be tried again in `retryInMs`. */
  | { type: 'upload_failed'; status: number | null; message: string; retryInMs: number }
  | { type: 'uploaded'; records: number; lost: number; quarantined: number }
  /** A record that the control plane refused for itself; kept in the file `quarantine.log`. */
  | { type: 'record_refused'; status: number }
  /** Another instance took this one for dead, since it had stood still for long on a shared network volume. */
  | { type: 'taken_over' };

/** What every part of the spool works with. */
export interface SpoolContext {
  clock: Clock;
  random: Random;
  timers: SpoolTimers;
  disk: SpoolDisk;
  locks: InstanceLocks;
  report(event: SpoolEvent): void;
  /** See `streamIds`. */
  newStreamId(): string;
}

/** The words of an error, for an operator. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
