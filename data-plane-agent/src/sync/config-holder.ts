import type { Clock, ConfigSource } from '../gateway/ports.ts';
import type { Snapshot } from '../gateway/snapshot/snapshot.ts';

/**
 * The configuration being served, and how long ago the control plane was last heard of.
 *
 * The time counts by the monotonic clock from the last answer that the control plane gave to this process and that
 * accepted its token: a manifest, "not modified", or the answer to a heartbeat. A refusal (401, 403) or an error is no
 * such answer. Before the first one it counts from the start of the process; a restart therefore begins anew, since
 * a monotonic clock does not outlive it and the wall clock can be set back.
 */
export class ConfigHolder implements ConfigSource {
  snapshot: Snapshot | undefined = undefined;
  readonly #clock: Clock;
  #heardAt: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#heardAt = clock.monotonic();
  }

  /** The control plane answered just now. */
  heard(): void {
    this.#heardAt = this.#clock.monotonic();
  }

  offlineSeconds(): number {
    return Math.max(0, (this.#clock.monotonic() - this.#heardAt) / 1_000);
  }
}
