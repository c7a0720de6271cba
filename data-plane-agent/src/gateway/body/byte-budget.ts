/**
 * One budget for all bytes that the process holds in buffers of requests, so that many large bodies at once are refused
 * and not collected until memory ends.
 */
export class ByteBudget {
  readonly limitBytes: number;
  readonly #changed: ((delta: number) => void) | undefined;
  #used = 0;

  /** @param changed called with each difference, for a metric */
  constructor(limitBytes: number, changed?: (delta: number) => void) {
    this.limitBytes = limitBytes;
    this.#changed = changed;
  }

  get usedBytes(): number {
    return this.#used;
  }

  /** Takes `bytes` if they are there; all or nothing. */
  take(bytes: number): boolean {
    if (bytes > this.limitBytes - this.#used) return false;
    this.#used += bytes;
    this.#changed?.(bytes);
    return true;
  }

  /** Gives back what was taken. Giving more than is out gives what is out. */
  give(bytes: number): void {
    const given = Math.min(bytes, this.#used);
    this.#used -= given;
    this.#changed?.(-given);
  }
}
