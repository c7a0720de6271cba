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
 * Watches the time limits of one attempt with a single timer: a byte only notes the time, and the timer, when it fires,
 * looks whether a limit was really passed. The limit on connecting is the connection pool's.
 */
export class AttemptTimer {
  private readonly clock: Clock;
  private readonly limits: AttemptLimits;
  private readonly attempt: TimedAttempt;
  private readonly startedAt: number;
  private sentAt = Number.POSITIVE_INFINITY;
  private lastByteAt = Number.POSITIVE_INFINITY;
  private timer: NodeJS.Timeout | undefined;

  constructor(clock: Clock, limits: AttemptLimits, attempt: TimedAttempt) {
    this.clock = clock;
    this.limits = limits;
    this.attempt = attempt;
    this.startedAt = clock.monotonic();
    this.arm(Math.min(limits.firstByteMs, limits.idleMs, limits.totalMs));
  }

  /** The request is being sent. */
  sent(): void {
    this.sentAt = this.clock.monotonic();
  }

  /** Something of the answer came. */
  received(): void {
    this.lastByteAt = this.clock.monotonic();
  }

  /** The answer is held back because the client reads slowly: that is not the provider's silence. */
  paused(): void {
    this.lastByteAt = Number.POSITIVE_INFINITY;
    this.sentAt = Number.POSITIVE_INFINITY;
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  private arm(milliseconds: number): void {
    this.timer = setTimeout(checkLimits, Math.max(1, Math.ceil(milliseconds)), this);
  }

  /** For the timer alone. */
  check(): void {
    const now = this.clock.monotonic();
    const total = this.startedAt + this.limits.totalMs - now;
    const answered = this.lastByteAt !== Number.POSITIVE_INFINITY;
    const silence = answered ? this.lastByteAt + this.limits.idleMs : this.sentAt + this.limits.firstByteMs;
    if (total <= 0) this.attempt.exceeded('total_timeout');
    else if (silence - now <= 0) this.attempt.exceeded(answered ? 'idle_timeout' : 'first_byte_timeout');
    else this.arm(Math.min(total, silence - now, this.limits.idleMs, this.limits.firstByteMs));
  }
}

function checkLimits(timer: AttemptTimer): void {
  timer.check();
}
