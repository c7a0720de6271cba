/** Failures in a row of one target. */
interface Strikes {
  count: number;
  /** Monotonic milliseconds until which it is put back; 0 while it is still trusted. */
  openUntil: number;
}

export interface CircuitBreakerOptions {
  /** Failures in a row that open it. */
  failures: number;
  /** How long it stays open, and how long a probe may take, in milliseconds. */
  cooldownMs: number;
  /** Targets that are remembered at once; beyond it the oldest is forgotten. */
  limit?: number;
}

/**
 * Remembers which targets failed lately, so that a request goes to one that works first. Only failing targets are held.
 * After the cool-down one request probes the target: while that one is under way, others still avoid it.
 */
export class CircuitBreaker {
  private readonly strikes = new Map<string, Strikes>();
  private readonly options: Required<CircuitBreakerOptions>;

  constructor(options: CircuitBreakerOptions) {
    this.options = { limit: 10_000, ...options };
  }

  /** Whether a target is trusted, or may be probed now. */
  available(deploymentId: string, now: number): boolean {
    const strikes = this.strikes.get(deploymentId);
    return strikes === undefined || now >= strikes.openUntil;
  }

  /** An attempt at the target begins: if it was put back, this is its probe. */
  attempting(deploymentId: string, now: number): void {
    if (this.strikes.size === 0) return;
    const strikes = this.strikes.get(deploymentId);
    if (strikes && strikes.openUntil > 0) strikes.openUntil = now + this.options.cooldownMs;
  }

  /** The target answered. */
  succeeded(deploymentId: string): void {
    if (this.strikes.size > 0) this.strikes.delete(deploymentId);
  }

  /** The target failed in a way that another request would meet as well. */
  failed(deploymentId: string, now: number): void {
    const strikes = this.strikes.get(deploymentId) ?? this.remember(deploymentId);
    strikes.count++;
    if (strikes.count >= this.options.failures) strikes.openUntil = now + this.options.cooldownMs;
  }

  private remember(deploymentId: string): Strikes {
    if (this.strikes.size >= this.options.limit) {
      const oldest = this.strikes.keys().next();
      if (!oldest.done) this.strikes.delete(oldest.value);
    }
    const strikes = { count: 0, openUntil: 0 };
    this.strikes.set(deploymentId, strikes);
    return strikes;
  }
}
