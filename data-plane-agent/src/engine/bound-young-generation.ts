import { PerformanceObserver } from 'node:perf_hooks';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

/** Size of V8's young generation beyond which it does not grow, in bytes. Requests are short-lived, so more is only memory. */
const LARGEST_BYTES = 8 * 1024 * 1024;

/**
 * Stops the young generation from growing once it is large enough. By default it doubles under load up to 128 MB, which
 * buys no speed here. V8 reads `--max-semi-space-size` only when it starts, which an image could set but a plain
 * `node main.js` does not; the growth factor it reads each time. Since V8 shrinks the young generation of a process that
 * had little to do, it must be let grow again: at its smallest it would be collected hundreds of times a second.
 */
export function boundYoungGeneration(): void {
  let mayGrow = true;
  new PerformanceObserver(() => {
    const size = getHeapSpaceStatistics().find((space) => space.space_name === 'new_space')?.space_size ?? 0;
    if (mayGrow === size < LARGEST_BYTES) return;
    mayGrow = !mayGrow;
    setFlagsFromString(`--semi-space-growth-factor=${mayGrow ? 2 : 1}`);
  }).observe({ entryTypes: ['gc'] });
}
