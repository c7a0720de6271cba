/** How long to wait between tries, in milliseconds. */
export interface RetryPolicy {
  baseMs: number;
  capMs: number;
}

/**
 * How long to wait before a try, in milliseconds: what the provider asked for, or doubling waits with jitter between half
 * and the whole, so that many clients do not come back at once. Undefined when the provider asked for more than the cap:
 * the request is better off elsewhere.
 *
 * @param tries tries at this target so far, at least 1
 * @param fraction chance, from 0 up to but not including 1
 */
export function retryDelay(
  policy: RetryPolicy,
  tries: number,
  retryAfterMs: number | undefined,
  fraction: number,
): number | undefined {
  const backoff = Math.min(policy.capMs, policy.baseMs * 2 ** Math.min(tries - 1, 20)) * (0.5 + fraction / 2);
  if (retryAfterMs === undefined) return backoff;
  return retryAfterMs > policy.capMs ? undefined : Math.max(retryAfterMs, backoff);
}
