/**
 * How long to wait after that many failures in a row: doubling from one second up to `most`, and by chance between half of
 * it and all of it, so that agents that failed together do not come back together.
 *
 * @param failures 1 for the first
 * @param most milliseconds
 * @param fraction from 0 up to but not including 1
 * @returns milliseconds
 */
export function backoff(failures: number, most: number, fraction: number): number {
  const whole = Math.min(most, 1_000 * 2 ** Math.min(20, Math.max(0, failures - 1)));
  return Math.round(whole / 2 + (whole / 2) * fraction);
}
