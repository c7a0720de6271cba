import type { Clock } from '../ports.ts';

/** Limits of one attempt, in milliseconds. */
export interface AttemptLimits {
  firstByteMs: number;
  idleMs: number;
  totalMs: number;
}

/** The limit that was passed, in the words of usage records. */
export type ExceededLimit = 'first_byte_timeout' | 'idle_timeout' | 'total_timeout';

/** Is told when a limit was passed. */
export interface TimedAttempt {
  exceeded(limit: ExceededLimit): void;
}

/**
 * Watches the attempts under way with one timer for all of them: each attempt says when it wants to be looked at next, and
 * nearly all are over by then. A timer for each cost more than anything else that is done for time.
 */
export class AttemptTimers {
  readonly clock: Clock;
  private readonly watched: AttemptTimer[] = [];
  private timer: NodeJS.Timeout | undefined;
  /** Monotonic milliseconds at which the timer fires. */
  private dueAt = Number.POSITIVE_INFINITY;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** @param startedAt the time now, monotonic milliseconds */
  watch(limits: AttemptLimits, startedAt: number, attempt: TimedAttempt): AttemptTimer {
    const timer = new AttemptTimer(this, limits, startedAt, attempt);
    timer.place = this.watched.push(timer) - 1;
    this.wakeIn(Math.min(limits.firstByteMs, limits.idleMs, limits.totalMs), startedAt);
    return timer;
  }

  /** For the attempts' timers alone. */
  drop(timer: AttemptTimer): void {
    const last = this.watched.pop();
    if (!last || last === timer) return;
    this.watched[timer.place] = last;
    last.place = timer.place;
  }

  private wakeIn(milliseconds: number, now: number): void {
    if (now + milliseconds >= this.dueAt) return;
    clearTimeout(this.timer);
    this.dueAt = now + milliseconds;
    // Attempts keep the process alive by their connections.
    this.timer = setTimeout(wake, Math.max(1, Math.ceil(milliseconds)), this).unref();
  }

  /** For the timer alone. */
  check(): void {
    this.dueAt = Number.POSITIVE_INFINITY;
    const now = this.clock.monotonic();
    for (const timer of [...this.watched]) {
      const left = timer.check(now);
      if (left !== undefined) this.wakeIn(left, now);
    }
  }
}

/** The time limits of one attempt. The limit on connecting is the connection pool's. */
export class AttemptTimer {
  /** Where it stands among those that are watched. */
  place = -1;
  private readonly timers: AttemptTimers;
  private readonly limits: AttemptLimits;
  private readonly attempt: TimedAttempt;
  private readonly startedAt: number;
  private sentAt = Number.POSITIVE_INFINITY;
  private lastByteAt = Number.POSITIVE_INFINITY;
  private isOver = false;

  constructor(timers: AttemptTimers, limits: AttemptLimits, startedAt: number, attempt: TimedAttempt) {
    this.timers = timers;
    this.limits = limits;
    this.startedAt = startedAt;
    this.attempt = attempt;
  }

  /** The request is being sent. */
  sent(): void {
    this.sentAt = this.timers.clock.monotonic();
  }

  /** Something of the answer came. */
  received(): void {
    this.lastByteAt = this.timers.clock.monotonic();
  }

  /** The answer is held back because the client reads slowly: that is not the provider's silence. */
  paused(): void {
    this.lastByteAt = Number.POSITIVE_INFINITY;
    this.sentAt = Number.POSITIVE_INFINITY;
  }

  stop(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.timers.drop(this);
  }

  /**
   * For the watch alone: tells the attempt when a limit was passed.
   *
   * @returns milliseconds until it has to be looked at again; undefined when it is over
   */
  check(now: number): number | undefined {
    if (this.isOver) return undefined;
    const { totalMs, idleMs, firstByteMs } = this.limits;
    const total = this.startedAt + totalMs - now;
    const answered = this.lastByteAt !== Number.POSITIVE_INFINITY;
    const silence = (answered ? this.lastByteAt + idleMs : this.sentAt + firstByteMs) - now;
    if (total > 0 && silence > 0) return Math.min(total, silence, idleMs, firstByteMs);
    this.attempt.exceeded(total <= 0 ? 'total_timeout' : answered ? 'idle_timeout' : 'first_byte_timeout');
    return undefined;
  }
}

function wake(timers: AttemptTimers): void {
  timers.check();
}
