import { join } from 'node:path';
import { type LiveLogOptions, openLiveLog } from './live-log.ts';
import { messageOf, type SpoolContext } from './spool-ports.ts';
import type { OwnFolder, SpoolState } from './spool-state.ts';
import type { UsageWriter } from './usage-writer.ts';

const SYNC_MS = 100;
const RETRY_MS = 5_000;
const LARGEST_SEGMENT_BYTES = 8 * 1024 * 1024;

/** This instance's hold on the volume: it is taken, lost and taken again, while usage goes on. */
export interface VolumeHold {
  /** Takes a folder if there is none, and lets the writer write there. Tries again some time later when that fails. */
  attach(): Promise<void>;
  /** The disk failed, or another instance took the folder over. */
  failed(takenOver: boolean): void;
  /** Lets go. */
  release(): void;
}

export interface VolumeHoldOptions extends Pick<LiveLogOptions, 'onDurable'> {
  /** Bytes on disk that the spool may take. */
  limit: number;
  writer: Pick<UsageWriter, 'attach' | 'detach'>;
}

export function holdVolume(context: SpoolContext, state: SpoolState, options: VolumeHoldOptions): VolumeHold {
  let retrying = false;

  const takeFolder = async (): Promise<OwnFolder> => {
    const id = context.newStreamId();
    context.disk.makeFolder(state.root);
    const lock = await context.locks.hold(state.root, id);
    const folder = join(state.root, id);
    const log = openLiveLog(context, {
      folder,
      segmentBytes: Math.min(LARGEST_SEGMENT_BYTES, Math.ceil(options.limit / 16)),
      streamBytes: Math.ceil(options.limit / 8),
      syncMilliseconds: SYNC_MS,
      onStream: (stream) => state.streams.push(stream),
      onDurable: options.onDurable,
    });
    return { folder, lock, log };
  };

  /** Answers whether usage goes to disk now. */
  const tryToAttach = async (): Promise<boolean> => {
    if (state.closed) return false;
    try {
      state.own ??= await takeFolder();
    } catch (error) {
      context.report({ type: 'disk_failed', message: messageOf(error) });
      return false;
    }
    if (!state.own.lock.confirm()) {
      options.writer.detach();
      lose();
      return false;
    }
    return options.writer.attach(state.own.log);
  };

  const retryLater = () => {
    if (retrying || state.closed) return;
    retrying = true;
    context.timers.after(RETRY_MS, () => {
      retrying = false;
      void tryToAttach().then((worked) => {
        if (worked) context.report({ type: 'disk_recovered' });
        else retryLater();
      });
    });
  };

  const release = () => {
    state.own?.log.close();
    state.own?.lock.release();
  };

  const lose = () => {
    release();
    state.own = undefined;
    state.streams = [];
    context.report({ type: 'taken_over' });
  };

  return {
    attach: async () => {
      if (!(await tryToAttach())) retryLater();
    },
    failed: (takenOver) => {
      if (takenOver) lose();
      retryLater();
    },
    release,
  };
}
