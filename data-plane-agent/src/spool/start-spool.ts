import { join } from 'node:path';
import { type AgentRecord, type AuditRecord, formatTimestamp, type UsageRecord } from '@bonito/protocol';
import type { Clock, Random, UsageSink } from '../gateway/ports.ts';
import { adoptDeadInstances } from './adopt-instance.ts';
import { collapseOldest } from './collapse-streams.ts';
import {
  acknowledge,
  type DiskStream,
  isDrained,
  isReady,
  oldestAt,
  readBatch,
  streamBytes,
  unacknowledgedRecords,
} from './disk-stream.ts';
import { type HeldLock, type InstanceLocks, nodeInstanceLocks } from './instance-locks.ts';
import { type LiveLog, openLiveLog } from './live-log.ts';
import { createMemoryStream } from './memory-stream.ts';
import { keepRefused } from './quarantine-file.ts';
import { nodeSpoolDisk, type SpoolDisk } from './spool-disk.ts';
import {
  messageOf,
  nodeSpoolTimers,
  type SpoolContext,
  type SpoolEvent,
  type SpoolPost,
  type SpoolTimers,
} from './spool-ports.ts';
import { streamIds } from './stream-ids.ts';
import type { UploadSource } from './upload-source.ts';
import { createUploader, type Uploader } from './uploader.ts';
import { createUsageWriter } from './usage-writer.ts';

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

const DEFAULT_LIMIT = 1024 ** 3;
const SYNC_MS = 100;
const RETRY_DISK_MS = 5_000;
const ADOPT_MS = 60_000;

/** Starts the spool. It never fails: without a volume that it can write to it works in memory, says so, and tries again. */
export async function startSpool(options: SpoolOptions): Promise<Spool> {
  const context: SpoolContext = {
    clock: options.clock,
    random: options.random,
    timers: options.timers ?? nodeSpoolTimers,
    disk: options.disk ?? nodeSpoolDisk,
    locks: options.locks ?? nodeInstanceLocks(() => options.clock.monotonic()),
    report: options.report,
    newStreamId: streamIds(options.clock, options.random),
  };
  const { disk, timers, clock } = context;
  const limit = options.spoolLimitBytes ?? DEFAULT_LIMIT;
  const source = options.source ?? 'vpc_agent';
  const root = join(options.stateDir, 'spool');
  let streams: DiskStream[] = [];
  let own: { folder: string; lock: HeldLock; log: LiveLog } | undefined;
  let closed = false;
  let collapsed = 0;
  let collapseAfter = 0;
  let uploader: Uploader | undefined;
  let retrying = false;

  /** Reading a batch and collapsing exclude each other: what is being sent must not be replaced. */
  let turn: Promise<unknown> = Promise.resolve();
  const exclusive = <Result>(run: () => Promise<Result>): Promise<Result> => {
    const result = turn.then(run);
    turn = result.catch(() => undefined);
    return result;
  };

  const memory = createMemoryStream({
    id: context.newStreamId(),
    limit: options.memoryLimitRecords ?? 20_000,
    now: () => clock.now(),
    newRecordId: () => context.random.id(),
    onCollapse: (records) => {
      collapsed += records;
      context.report({ type: 'collapsed', records, where: 'memory' });
    },
  });

  const writer = createUsageWriter(context, {
    memory,
    confirm: () => own?.lock.confirm() ?? false,
    onFailure: (takenOver) => {
      if (takenOver) loseVolume();
      retryDisk();
    },
  });

  const audit = (action: AuditRecord['action'], count: number) => {
    writer.record({
      kind: 'audit',
      id: context.random.id(),
      occurred_at: formatTimestamp(clock.now()),
      action,
      count,
    });
  };

  const loseVolume = () => {
    own?.log.close();
    own?.lock.release();
    own = undefined;
    streams = [];
    context.report({ type: 'taken_over' });
  };

  const retryDisk = () => {
    if (retrying || closed) return;
    retrying = true;
    timers.after(RETRY_DISK_MS, () => {
      retrying = false;
      void attach().then((worked) => {
        if (worked) context.report({ type: 'disk_recovered' });
      });
    });
  };

  const attach = async (): Promise<boolean> => {
    if (closed) return false;
    try {
      own ??= await takeFolder();
    } catch (error) {
      context.report({ type: 'disk_failed', message: messageOf(error) });
      retryDisk();
      return false;
    }
    if (!own.lock.confirm()) {
      writer.detach();
      loseVolume();
      retryDisk();
      return false;
    }
    return writer.attach(own.log);
  };

  const takeFolder = async () => {
    const id = context.newStreamId();
    disk.makeFolder(root);
    const lock = await context.locks.hold(root, id);
    const folder = join(root, id);
    const log = openLiveLog(context, {
      folder,
      segmentBytes: Math.min(8 * 1024 * 1024, Math.ceil(limit / 16)),
      streamBytes: Math.ceil(limit / 8),
      syncMilliseconds: SYNC_MS,
      onStream: (stream) => streams.push(stream),
      onDurable: () => {
        uploader?.wake();
        void holdLimit();
      },
    });
    return { folder, lock, log };
  };

  const totalBytes = () => streams.reduce((total, stream) => total + streamBytes(stream), 0);

  const holdLimit = async () => {
    if (totalBytes() <= limit || clock.monotonic() < collapseAfter || closed) return;
    const folder = own?.folder;
    if (!folder) return;
    // One at a time; and what gained nothing, or failed, is not read again at once.
    collapseAfter = clock.monotonic() + ADOPT_MS;
    try {
      const done = await exclusive(() => collapseOldest(context, streams, folder, limit / 4));
      if (done === 'no-gain') return;
      collapseAfter = 0;
      if (done === 'none') return;
      streams = [done.stream, ...streams.filter((stream) => !isDrained(stream))];
      collapsed += done.records;
      context.report({ type: 'collapsed', records: done.records, where: 'disk' });
      if (done.records > 0) audit('spool_collapsed', done.records);
      void holdLimit();
    } catch (error) {
      context.report({ type: 'collapse_failed', message: messageOf(error) });
    }
  };

  const diskSource = (stream: DiskStream): UploadSource => ({
    id: stream.id,
    ready: () => isReady(stream),
    next: (batchLimit) =>
      exclusive(async () =>
        own?.lock.confirm() ? readBatch(disk, stream, batchLimit, clock.now()) : undefined,
      ),
    acknowledge: (next) => acknowledge(disk, stream, next),
  });

  if (options.post) {
    uploader = createUploader(context, {
      post: options.post,
      sources: () => {
        streams = streams.filter((stream) => !isDrained(stream));
        return [...streams.map(diskSource), memory];
      },
      quarantine: (stream, batch, status) => keepRefused(context, root, stream, batch, status),
    });
  }

  let adopting: Promise<void> | undefined;
  const adoptNow = (): Promise<void> => {
    const folder = own?.folder;
    if (!folder || closed) return Promise.resolve();
    adopting ??= adoptDeadInstances(context, { root, own: folder, source }, (adoption) => {
      // Segments without a record only held attempts open; those are settled now.
      for (const stream of adoption.streams) acknowledge(disk, stream, stream.acknowledged);
      streams = [...adoption.streams, ...streams];
      for (const stream of adoption.streams) {
        const event = { unknown: adoption.unknown, damagedLines: adoption.damagedLines };
        context.report({ type: 'stream_adopted', stream: stream.id, ...event });
      }
      audit('stream_adopted', adoption.unknown);
      uploader?.wake();
    })
      .catch((error: unknown) => context.report({ type: 'adoption_failed', message: messageOf(error) }))
      .finally(() => {
        adopting = undefined;
      });
    return adopting;
  };
  let cancelAdoption: (() => void) | undefined;
  const adoptEveryMinute = () => {
    cancelAdoption = timers.after(ADOPT_MS, () => {
      void adoptNow();
      adoptEveryMinute();
    });
  };

  const flush = async () => {
    writer.flush();
    await own?.log.sync();
  };

  if (!(await attach())) retryDisk();
  void adoptNow();
  adoptEveryMinute();

  return {
    sink: writer,
    record: (record) => writer.record(record),
    status: () => {
      const waiting = streams.flatMap((stream) => oldestAt(stream) ?? []).concat(memory.oldestAt() ?? []);
      return {
        bytes: totalBytes(),
        records:
          streams.reduce((total, stream) => total + unacknowledgedRecords(stream), 0) +
          memory.size() +
          writer.held(),
        oldestAt: waiting.length > 0 ? Math.min(...waiting) : null,
        collapsed,
        lost: uploader?.lost() ?? 0,
        openRequests: writer.openRequests(),
        healthy: writer.healthy(),
      };
    },
    flush,
    uploadNow: async () => {
      await flush();
      await uploader?.uploadNow();
    },
    adoptNow,
    close: async (milliseconds) => {
      cancelAdoption?.();
      let cancel: (() => void) | undefined;
      const deadline = new Promise<void>((resolve) => {
        cancel = timers.after(milliseconds, resolve);
      });
      const sendAll = async () => {
        await adopting;
        await flush();
        await uploader?.uploadNow();
      };
      await Promise.race([sendAll(), deadline]);
      cancel?.();
      await flush();
      closed = true;
      uploader?.close();
      own?.log.close();
      own?.lock.release();
      if (own && !adopting && isEmpty()) removeFolder(own.folder);
    },
  };

  /** Whether the own folder holds nothing that anyone needs. */
  function isEmpty(): boolean {
    return writer.openRequests() === 0 && writer.held() === 0 && streams.every(isAcknowledged);
  }

  function removeFolder(folder: string): void {
    try {
      disk.remove(folder);
    } catch {
      // Whoever adopts it finds nothing in it.
    }
  }
}

function isAcknowledged(stream: DiskStream): boolean {
  return unacknowledgedRecords(stream) === 0;
}
