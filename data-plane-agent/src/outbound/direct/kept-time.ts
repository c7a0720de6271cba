/** How long an idle connection is kept if nothing is known of the server. Milliseconds. */
const KEPT_MS = 60_000;
/** Model servers close theirs after 5 s without saying so (uvicorn); less than that would not be worth keeping. */
const SHORTEST_LEARNT_MS = 4_000;
/** A server that restarts closes connections of any age: what was learnt from a close is forgotten after this time. */
const REMEMBERED_MS = 600_000;
/** What a server's own time is shortened by, for the time that a request is on its way. */
const MARGIN_MS = 1_000;
const LONGEST_KEPT_MS = 600_000;

/** Milliseconds, for a server that says how long it keeps a connection. None is worth keeping at 0 and below. */
export function hintedMs(seconds: number): number {
  return Math.min(seconds * 1_000 - MARGIN_MS, LONGEST_KEPT_MS);
}

/**
 * How long connections to one server are kept without a request. A request that is sent while the server closes its
 * connection is lost, so they are closed before the server does: it says when (`keep-alive: timeout=`), or shows it once.
 */
export class KeptTime {
  #learntMs = KEPT_MS;
  #learntAt = Number.NEGATIVE_INFINITY;

  /** Milliseconds, for a server that does not say. @param now milliseconds of a clock that never goes back */
  unhinted(now: number): number {
    return now - this.#learntAt < REMEMBERED_MS ? this.#learntMs : KEPT_MS;
  }

  /** The server closed a connection that had been idle for `idleMs`. */
  closedAfter(idleMs: number, now: number): void {
    const learnt = Math.max(SHORTEST_LEARNT_MS, idleMs - MARGIN_MS);
    if (learnt >= this.unhinted(now)) return;
    this.#learntMs = learnt;
    this.#learntAt = now;
  }
}
