import type { Clock } from '../ports.ts';

/**
 * Calls `quiet` whenever nothing was written for `milliseconds`, with one timer that is moved on only when it fires.
 * Zero switches it off.
 */
export class KeepAlive {
  private readonly clock: Clock;
  private readonly milliseconds: number;
  private readonly quiet: () => void;
  private lastWriteAt: number;
  private timer: NodeJS.Timeout | undefined;

  constructor(clock: Clock, milliseconds: number, quiet: () => void) {
    this.clock = clock;
    this.milliseconds = milliseconds;
    this.quiet = quiet;
    this.lastWriteAt = clock.monotonic();
    if (milliseconds > 0) this.arm(milliseconds);
  }

  /** Something was written. */
  wrote(): void {
    this.lastWriteAt = this.clock.monotonic();
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  private arm(milliseconds: number): void {
    this.timer = setTimeout(checkSilence, Math.max(1, Math.ceil(milliseconds)), this);
  }

  /** For the timer alone. */
  check(): void {
    const left = this.lastWriteAt + this.milliseconds - this.clock.monotonic();
    if (left <= 0) {
      this.quiet();
      this.wrote();
    }
    this.arm(left > 0 ? left : this.milliseconds);
  }
}

function checkSilence(keepAlive: KeepAlive): void {
  keepAlive.check();
}
