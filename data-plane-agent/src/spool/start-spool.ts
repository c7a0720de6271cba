import { join } from 'node:path';
import { type AuditRecord, formatTimestamp } from '@bonito/protocol';
import { adoptEveryMinute } from './adopt-every-minute.ts';
import {
  acknowledge,
  type DiskStream,
  isDrained,
  isReady,
  oldestAt,
  readBatch,
  rewind,
  unacknowledgedRecords,
} from './disk-stream.ts';
import { holdDiskLimit, totalBytes } from './hold-disk-limit.ts';
import { holdVolume } from './hold-volume.ts';
import { nodeInstanceLocks } from './instance-locks.ts';
import { createMemoryStream } from './memory-stream.ts';
import { keepRefused } from './quarantine-file.ts';
import type { Spool, SpoolOptions } from './spool.ts';
import { nodeSpoolDisk } from './spool-disk.ts';
import { nodeSpoolTimers, type SpoolContext } from './spool-ports.ts';
import { newSpoolState } from './spool-state.ts';
import { streamIds } from './stream-ids.ts';
import type { UploadSource } from './upload-source.ts';
import { createUploader, type Uploader } from './uploader.ts';
import { createUsageWriter } from './usage-writer.ts';

export type { Spool, SpoolOptions, SpoolStatus } from './spool.ts';

const DEFAULT_LIMIT_BYTES = 1024 ** 3;
const DEFAULT_MEMORY_RECORDS = 20_000;

/** Starts the spool. It never fails: without a volume that it can write to it works in memory, says so, and tries again. */
export async function startSpool(options: SpoolOptions): Promise<Spool> {
  const context = contextOf(options);
  const { disk, timers, clock } = context;
  const limit = options.spoolLimitBytes ?? DEFAULT_LIMIT_BYTES;
  const state = newSpoolState(join(options.stateDir, 'spool'));
  let uploader: Uploader | undefined;

  const memory = createMemoryStream({
    id: context.newStreamId(),
    limit: options.memoryLimitRecords ?? DEFAULT_MEMORY_RECORDS,
    now: () => clock.now(),
    newRecordId: () => context.random.id(),
    onCollapse: (records) => {
      state.collapsed += records;
      context.report({ type: 'collapsed', records, where: 'memory' });
    },
  });
  const writer = createUsageWriter(context, {
    memory,
    confirm: () => state.own?.lock.confirm() ?? false,
    onFailure: (takenOver) => volume.failed(takenOver),
  });
  const audit = (action: AuditRecord['action'], count: number) => {
    const occurred_at = formatTimestamp(clock.now());
    writer.record({ kind: 'audit', id: context.random.id(), occurred_at, action, count });
  };
  const holdLimit = holdDiskLimit(context, state, limit, (records) => audit('spool_collapsed', records));
  const volume = holdVolume(context, state, {
    limit,
    writer,
    onDurable: () => {
      uploader?.wake();
      void holdLimit();
    },
  });

  const diskSource = (stream: DiskStream): UploadSource => ({
    id: stream.id,
    ready: () => isReady(stream),
    next: (batchLimit) =>
      state.exclusive(async () =>
        state.own?.lock.confirm() ? readBatch(disk, stream, batchLimit, clock.now()) : undefined,
      ),
    acknowledge: (next) => acknowledge(disk, stream, next),
    rewind: (next) => rewind(stream, next),
  });
  if (options.post) {
    uploader = createUploader(context, {
      post: options.post,
      sources: () => {
        state.streams = state.streams.filter((stream) => !isDrained(stream));
        return [...state.streams.map(diskSource), memory];
      },
      quarantine: (stream, batch, status) => keepRefused(context, state.root, stream, batch, status),
      onLost: (records) => audit('records_lost', records),
    });
  }

  const flush = async () => {
    writer.flush();
    await state.own?.log.sync();
  };

  await volume.attach();
  const adoption = adoptEveryMinute(context, state, options.source ?? 'vpc_agent', (unknown) => {
    audit('stream_adopted', unknown);
    uploader?.wake();
  });
  void adoption.now();

  const unacknowledged = () =>
    state.streams.reduce((total, stream) => total + unacknowledgedRecords(stream), 0);
  /** Whether the own folder holds nothing that anyone needs. */
  const isEmpty = () => writer.openRequests() === 0 && writer.held() === 0 && unacknowledged() === 0;

  return {
    sink: writer,
    record: (record) => writer.record(record),
    status: () => {
      const waiting = state.streams.flatMap((stream) => oldestAt(stream) ?? []);
      const oldest = Math.min(...waiting, memory.oldestAt() ?? Number.POSITIVE_INFINITY);
      return {
        bytes: totalBytes(state),
        records: unacknowledged() + memory.size() + writer.held(),
        oldestAt: Number.isFinite(oldest) ? oldest : null,
        collapsed: state.collapsed,
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
    adoptNow: adoption.now,
    close: async (milliseconds) => {
      adoption.stop();
      let cancel: (() => void) | undefined;
      const deadline = new Promise<void>((resolve) => {
        cancel = timers.after(milliseconds, resolve);
      });
      const sendAll = async () => {
        await adoption.running();
        await flush();
        await uploader?.uploadNow();
      };
      await Promise.race([sendAll(), deadline]);
      cancel?.();
      await flush();
      state.closed = true;
      uploader?.close();
      volume.release();
      if (state.own && !adoption.running() && isEmpty()) removeFolder(state.own.folder);
    },
  };

  function removeFolder(folder: string): void {
    try {
      disk.remove(folder);
    } catch {
      // Whoever adopts it finds nothing in it.
    }
  }
}

/** The spool's surroundings: the real ones where none are given. */
function contextOf(options: SpoolOptions): SpoolContext {
  return {
    clock: options.clock,
    random: options.random,
    timers: options.timers ?? nodeSpoolTimers,
    disk: options.disk ?? nodeSpoolDisk,
    locks: options.locks ?? nodeInstanceLocks(() => options.clock.monotonic()),
    report: options.report,
    newStreamId: streamIds(options.clock, options.random),
  };
}
