import type { UsageRecord } from '@bonito/protocol';
import { type Adoption, adoptDeadInstances } from './adopt-instance.ts';
import { acknowledge } from './disk-stream.ts';
import { messageOf, type SpoolContext } from './spool-ports.ts';
import type { SpoolState } from './spool-state.ts';

const MINUTE_MS = 60_000;

/** The search for instances on the volume that died. */
export interface AdoptionRounds {
  /** Looks now; a search that is running is joined. Never rejects. */
  now(): Promise<void>;
  /** The search that is running. */
  running(): Promise<void> | undefined;
  /** No more of them by itself. */
  stop(): void;
}

/**
 * Looks for dead instances each minute, and takes over what they left.
 *
 * @param adopted told how many requests are settled as unknown
 */
export function adoptEveryMinute(
  context: SpoolContext,
  state: SpoolState,
  source: UsageRecord['source'],
  adopted: (unknown: number) => void,
): AdoptionRounds {
  let running: Promise<void> | undefined;
  let cancel: (() => void) | undefined;

  const take = (adoption: Adoption) => {
    const { streams, unknown, damagedLines } = adoption;
    // Segments without a record only held attempts open; those are settled now.
    for (const stream of streams) acknowledge(context.disk, stream, stream.acknowledged);
    state.streams = [...streams, ...state.streams];
    for (const stream of streams) {
      context.report({ type: 'stream_adopted', stream: stream.id, unknown, damagedLines });
    }
    adopted(unknown);
  };

  const now = (): Promise<void> => {
    const folder = state.own?.folder;
    if (!folder || state.closed) return Promise.resolve();
    running ??= adoptDeadInstances(context, { root: state.root, own: folder, source }, take)
      .catch((error: unknown) => context.report({ type: 'adoption_failed', message: messageOf(error) }))
      .finally(() => {
        running = undefined;
      });
    return running;
  };

  const schedule = () => {
    cancel = context.timers.after(MINUTE_MS, () => {
      void now();
      schedule();
    });
  };
  schedule();

  return { now, running: () => running, stop: () => cancel?.() };
}
