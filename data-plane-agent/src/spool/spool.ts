import type { AgentRecord, UsageRecord } from '@bonito/protocol';
import type { Clock, Random, UsageSink } from '../gateway/ports.ts';
import type { InstanceLocks } from './instance-locks.ts';
import type { SpoolDisk } from './spool-disk.ts';
import type { SpoolEvent, SpoolPost, SpoolTimers } from './spool-ports.ts';

/** What a spool is started with. */
export interface SpoolOptions {
  /** The agent's state folder; the spool lives in `spool` under it. */
  stateDir: string;
  clock: Clock;
  random: Random;
  /** Absent in standalone use: then records stay on disk, and only the disk limit applies. */
  post?: SpoolPost;
  report(event: SpoolEvent): void;
  /** Bytes on disk above which the oldest detail is collapsed into totals; 1 GB where absent. */
  spoolLimitBytes?: number;
  /** Records held in memory while the disk cannot be written; beyond, they are collapsed. 20,000 where absent. */
  memoryLimitRecords?: number;
  /** What adopted records say they come from; `vpc_agent` where absent. */
  source?: UsageRecord['source'];
  disk?: SpoolDisk;
  timers?: SpoolTimers;
  locks?: InstanceLocks;
}

/** What a heartbeat and the metrics say of the spool. */
export interface SpoolStatus {
  /** On disk. */
  bytes: number;
  /** Not acknowledged yet, in memory or on disk. */
  records: number;
  /** Since when the oldest of them waits, ms since 1970; null when there is none. */
  oldestAt: number | null;
  /** Requests whose detail was collapsed into totals since the start. */
  collapsed: number;
  /** Records that the control plane reported as missing since the start. */
  lost: number;
  /** Requests with attempts whose record did not come yet. */
  openRequests: number;
  /** Whether records go to disk. */
  healthy: boolean;
}

export interface Spool {
  sink: UsageSink;
  /** Takes a record that is about no request. */
  record(record: AgentRecord): void;
  status(): SpoolStatus;
  /** Writes everything and makes it survive a loss of power. */
  flush(): Promise<void>;
  /** Sends everything now. Settles when that succeeded or a try failed; never rejects. */
  uploadNow(): Promise<void>;
  /** Looks for dead instances now; this also happens at the start and every minute. Never rejects. */
  adoptNow(): Promise<void>;
  /** Flushes, tries to send for at most so many milliseconds, and lets go of the volume. What is left is adopted later. */
  close(milliseconds: number): Promise<void>;
}
