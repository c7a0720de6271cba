import { join } from 'node:path';
import {
  acknowledge,
  type DiskStream,
  ENDED_FILE,
  newDiskStream,
  type Segment,
  segmentPath,
  streamBytes,
} from './disk-stream.ts';
import { formatLine, headPayload } from './line-format.ts';
import type { SpoolContext } from './spool-ports.ts';

/** The file that the running process appends to, and the streams that it came through. */
export interface LiveLog {
  /** The stream being written; undefined before the first `begin`. */
  stream(): DiskStream | undefined;
  /** Whether `begin` is due: no file, one that is full, or one whose last write failed. */
  needsSegment(): boolean;
  /**
   * Opens the next segment with what is still open, in a new stream when the old one has grown large. Throws disk errors,
   * `AppendError` among them when something may have been written.
   *
   * @param carried lines
   */
  begin(carried: string): void;
  /** Appends lines in one write. Throws `AppendError`; then `begin` comes next. */
  append(lines: Uint8Array, nextSequence: number): void;
  /** Everything that was appended before the call survives a loss of power. Never rejects. */
  sync(): Promise<void>;
  /** Lets go of all files. */
  close(): void;
}

/** A write that failed. `clean`: nothing of it can be in the file. */
export class AppendError extends Error {
  override readonly name = 'AppendError';
  readonly clean: boolean;

  constructor(cause: unknown, clean: boolean) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.clean = clean;
  }
}

export interface LiveLogOptions {
  /** The instance's folder. */
  folder: string;
  segmentBytes: number;
  /** A stream with more bytes than this gives way to a new one. */
  streamBytes: number;
  syncMilliseconds: number;
  onStream(stream: DiskStream): void;
  /** More can be sent, or a stream has ended. */
  onDurable(): void;
}

interface OpenFile {
  handle: number;
  stream: DiskStream;
  segment: Segment;
  /** What this file took over from: it may go once this file survives a loss of power. */
  before: { stream: DiskStream; segment: Segment } | undefined;
}

export function openLiveLog(context: SpoolContext, options: LiveLogOptions): LiveLog {
  const { disk, clock, timers } = context;
  let file: OpenFile | undefined;
  let broken = false;
  let dirty = false;
  let closed = false;
  let scheduled = false;
  let running: Promise<void> | undefined;
  /** Full files that were not synced yet. */
  let full: OpenFile[] = [];
  /** Numbers are never used again, not even those of segments that could not be begun. */
  let lastNumber = -1;
  let last: OpenFile | undefined;
  const orphans: string[] = [];

  const syncFile = async (open: OpenFile): Promise<void> => {
    const { bytes, next } = open.segment;
    try {
      await disk.sync(open.handle);
      if (open.before) await disk.syncFolder(open.stream.folder);
    } catch (error) {
      // The kernel drops what it could not write and will not say so twice: all that is left is to send it soon.
      context.report({
        type: 'disk_failed',
        message: error instanceof Error ? error.message : String(error),
      });
    }
    open.segment.durableBytes = bytes;
    open.segment.durableNext = next;
    if (open.before) await release(open.before, open.stream);
    open.before = undefined;
  };

  const release = async (
    before: { stream: DiskStream; segment: Segment },
    now: DiskStream,
  ): Promise<void> => {
    before.segment.releasable = true;
    if (before.stream !== now) {
      try {
        disk.close(disk.openAppend(join(before.stream.folder, ENDED_FILE)));
        await disk.syncFolder(before.stream.folder);
        before.stream.ended = true;
      } catch {
        // Without the mark its open attempts count, and this process's records beside them settle those all the same.
      }
    }
    acknowledge(disk, before.stream, before.stream.acknowledged);
  };

  const runSync = async (): Promise<void> => {
    dirty = false;
    const filled = full;
    full = [];
    const current = file;
    for (const open of filled) {
      await syncFile(open);
      closeFile(open);
    }
    if (current && !filled.includes(current)) await syncFile(current);
    options.onDurable();
  };

  const sync = async (): Promise<void> => {
    while (running) await running;
    if (closed || (!dirty && full.length === 0)) return;
    running = runSync().finally(() => {
      running = undefined;
    });
    await running;
  };

  const scheduleSync = () => {
    if (scheduled || closed) return;
    scheduled = true;
    timers.after(options.syncMilliseconds, () => {
      scheduled = false;
      void sync().then(() => {
        if (dirty) scheduleSync();
      });
    });
  };

  const closeFile = (open: OpenFile) => {
    try {
      disk.close(open.handle);
    } catch {
      // Nothing is left to be done with it.
    }
  };

  const retire = () => {
    if (!file) return;
    file.segment.live = false;
    full.push(file);
    file = undefined;
  };

  const removeOrphans = (): boolean => {
    try {
      for (let path = orphans.at(-1); path; path = orphans.at(-1)) {
        disk.remove(path);
        orphans.pop();
      }
      return true;
    } catch {
      return false;
    }
  };

  const startSegment = (previous: OpenFile | undefined, carried: string): OpenFile => {
    const rotate = !previous || previous.stream.ended || streamBytes(previous.stream) >= options.streamBytes;
    const id = rotate ? context.newStreamId() : previous.stream.id;
    const stream = rotate ? newDiskStream(id, join(options.folder, id)) : previous.stream;
    if (!removeOrphans()) throw new AppendError('an unfinished segment cannot be removed', false);
    if (rotate) disk.makeFolder(stream.folder);
    const path = segmentPath(stream.folder, ++lastNumber, false);
    const number = lastNumber;
    // Half a file would keep attempts open that were settled since; so it goes before another is begun.
    orphans.push(rotate ? stream.folder : path);
    const handle = disk.openAppend(path);
    const createdAt = clock.now();
    const first = stream.nextSequence;
    try {
      const lines = Buffer.from(formatLine(headPayload(first, createdAt)) + carried);
      disk.write(handle, lines);
      const segment: Segment = {
        number,
        path,
        first,
        next: first,
        bytes: lines.length,
        durableBytes: 0,
        durableNext: first,
        createdAt,
        attempted: false,
        live: true,
        releasable: false,
      };
      orphans.pop();
      stream.segments.push(segment);
      if (rotate) options.onStream(stream);
      return { handle, stream, segment, before: previous };
    } catch (error) {
      disk.close(handle);
      throw new AppendError(error, removeOrphans());
    }
  };

  return {
    stream: () => last?.stream,
    needsSegment: () => !file || broken || file.segment.bytes >= options.segmentBytes,
    begin: (carried) => {
      const next = startSegment(last, carried);
      retire();
      file = next;
      last = next;
      broken = false;
      dirty = true;
      scheduleSync();
    },
    append: (lines, nextSequence) => {
      if (!file || broken) throw new AppendError('there is no open segment', true);
      try {
        disk.write(file.handle, lines);
      } catch (error) {
        broken = true;
        throw new AppendError(error, cut(file));
      }
      file.segment.bytes += lines.length;
      file.segment.next = nextSequence;
      file.stream.nextSequence = nextSequence;
      dirty = true;
      scheduleSync();
    },
    sync,
    close: () => {
      closed = true;
      retire();
      for (const open of full) closeFile(open);
      full = [];
    },
  };

  function cut(open: OpenFile): boolean {
    try {
      disk.truncate(open.handle, open.segment.bytes);
      return true;
    } catch {
      return false;
    }
  }
}
