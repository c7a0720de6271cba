/**
 * Asked between two pieces of work: undefined when the work may go on at once, a promise to wait for when the event loop
 * should first have a turn, so that requests are served while a configuration is compiled.
 */
export type Pause = () => Promise<void> | undefined;

/**
 * How long one slice of work may last before it pauses, in milliseconds. Pieces between two questions come on top, and now and
 * then a garbage collection; all together stays below 5.
 */
const SLICE_MILLISECONDS = 1;

/**
 * @param monotonic milliseconds by a clock that never goes back
 * @param turn resolves after the event loop had a turn; `setImmediate` where absent
 */
export function createPause(monotonic: () => number, turn: () => Promise<void> = nextTurn): Pause {
  let startedAt = monotonic();
  return () => {
    if (monotonic() - startedAt < SLICE_MILLISECONDS) return undefined;
    return turn().then(() => {
      startedAt = monotonic();
    });
  };
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
