/**
 * Asked between two pieces of work: undefined when the work may go on at once, a promise to wait for when the event loop
 * should first have a turn, so that requests are served while a configuration is compiled.
 */
export type Pause = () => Promise<void> | undefined;

/**
 * How long one slice of work may last before it pauses, in milliseconds: less than it takes to serve the requests of one turn
 * of the event loop. Pieces between two questions come on top, and now and then a garbage collection.
 */
const SLICE_MILLISECONDS = 0.25;

/** How long requests have the event loop to themselves after a slice: most of it, however large a configuration is. */
const REST_MILLISECONDS = 2;

/**
 * @param monotonic milliseconds by a clock that never goes back
 * @param rest resolves after the event loop was left alone for a while
 */
export function createPause(monotonic: () => number, rest: () => Promise<void> = restAWhile): Pause {
  let startedAt = monotonic();
  return () => {
    if (monotonic() - startedAt < SLICE_MILLISECONDS) return undefined;
    return rest().then(() => {
      startedAt = monotonic();
    });
  };
}

/** Leaves the event loop to requests. */
function restAWhile(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, REST_MILLISECONDS));
}
