import { collapseOldest } from './collapse-streams.ts';
import { isDrained, streamBytes } from './disk-stream.ts';
import { giveWay } from './scan-segment.ts';
import { messageOf, type SpoolContext } from './spool-ports.ts';
import type { SpoolState } from './spool-state.ts';

/** After a collapse that gained nothing or failed, what was read is not read again at once. */
const PAUSE_MS = 60_000;
/** Collapsing begins at this part of the limit, so that it can take its time, and hurries from the next on. */
const BEGINS_AT = 3 / 4;
const HURRIES_AT = 15 / 16;
/** The event loop's turns between slices of about a millisecond, while there is room: a busy loop's turns are long. */
const TURNS = 8;

/** Bytes on disk. */
export function totalBytes(state: SpoolState): number {
  return state.streams.reduce((total, stream) => total + streamBytes(stream), 0);
}

/**
 * Keeps the spool below its limit on disk: the oldest detail gives way to totals.
 *
 * @param collapsed told how many requests lost their detail
 * @returns to be called when the spool has grown; never rejects
 */
export function holdDiskLimit(
  context: SpoolContext,
  state: SpoolState,
  limit: number,
  collapsed: (records: number) => void,
): () => Promise<void> {
  const { clock } = context;
  let notBefore = 0;
  const rest = async (): Promise<void> => {
    const turns = totalBytes(state) > limit * HURRIES_AT || state.closed ? 1 : TURNS;
    for (let turn = 0; turn < turns; turn++) await giveWay(context);
  };
  const hold = async (): Promise<void> => {
    if (totalBytes(state) <= limit * BEGINS_AT || clock.monotonic() < notBefore || state.closed) return;
    const folder = state.own?.folder;
    if (!folder) return;
    // One at a time.
    notBefore = clock.monotonic() + PAUSE_MS;
    try {
      const done = await state.exclusive(() =>
        collapseOldest(context, state.streams, folder, limit / 4, rest),
      );
      if (done === 'no-gain') return;
      notBefore = 0;
      if (done === 'none') return;
      state.streams = [done.stream, ...state.streams.filter((stream) => !isDrained(stream))];
      state.collapsed += done.records;
      context.report({ type: 'collapsed', records: done.records, where: 'disk' });
      if (done.records > 0) collapsed(done.records);
      void hold();
    } catch (error) {
      context.report({ type: 'collapse_failed', message: messageOf(error) });
    }
  };
  return hold;
}
