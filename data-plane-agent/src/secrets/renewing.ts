import type { Clock, CredentialProblem, Random } from '../gateway/ports.ts';
import { CredentialError, problemOf } from './credential-error.ts';

/** Something fetched that lives for a while. */
export interface Fetched<Value> {
  readonly value: Value;
  /** Milliseconds from the moment that it was asked for. */
  readonly lifetimeMs: number;
}

export interface RenewingOptions<Value> {
  /** @throws CredentialError */
  fetch: () => Promise<Fetched<Value>>;
  clock: Pick<Clock, 'monotonic'>;
  random: Pick<Random, 'fraction'>;
  /** Told of every failed fetch. */
  failed?: ((problem: CredentialProblem) => void) | undefined;
}

/** Renewed when this share of its life is over, or up to a tenth of that earlier, so that many do not come at once. */
const RENEW_SHARE = 2 / 3;
const JITTER_SHARE = 0.1;
/** Not given out in its last moments: a request needs time on its way. */
const MARGIN_MS = 10_000;
const MARGIN_SHARE = 0.05;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
/** After so many failures in a row nobody waits for the next try: another target may do better at once. */
const WAITING_FAILURES = 2;
/** A refusal has an effect at most this often. */
const REFUSED_PAUSE_MS = 10_000;

/**
 * A value that is fetched when it is first needed and renewed while it is used. One fetch at a time, whoever asks. While a
 * renewal fails, the old value serves as long as it is good; then there is none, and fetches are tried with pauses that grow.
 * All by monotonic time: a clock that is set does not end a credential.
 */
export class Renewing<Value extends object> {
  readonly #options: RenewingOptions<Value>;
  #value: Value | undefined;
  #expiresAt = 0;
  #renewAt = 0;
  #fetchedAt = Number.NEGATIVE_INFINITY;
  #pausedUntil = Number.NEGATIVE_INFINITY;
  #failures = 0;
  #flight: Promise<Value> | undefined;
  #quietFlight: Promise<Value | undefined> | undefined;
  #error: unknown;

  constructor(options: RenewingOptions<Value>) {
    this.#options = options;
  }

  /** The value; a promise that never rejects while it is fetched; undefined when there is none to wait for. */
  read(): Value | Promise<Value | undefined> | undefined {
    const now = this.#options.clock.monotonic();
    if (this.#value !== undefined && now < this.#expiresAt) {
      if (now >= this.#renewAt) this.#start(now);
      return this.#value;
    }
    this.#start(now);
    return this.#failures < WAITING_FAILURES ? this.#quietFlight : undefined;
  }

  /** @throws CredentialError when there is none */
  async get(): Promise<Value> {
    const value = this.read();
    if (value !== undefined && !(value instanceof Promise)) return value;
    if (this.#flight) return this.#flight;
    throw this.#error ?? new CredentialError('expired');
  }

  /** Fetches now, also in a pause; joins a fetch that is under way. @throws CredentialError */
  async renew(): Promise<Value> {
    if (!this.#flight) this.#pausedUntil = Number.NEGATIVE_INFINITY;
    this.#start(this.#options.clock.monotonic());
    return (await this.#flight) ?? this.get();
  }

  /** Why there is none; undefined while one is there. */
  problem(): CredentialProblem | undefined {
    if (this.#value !== undefined && this.#options.clock.monotonic() < this.#expiresAt) return undefined;
    return this.#error === undefined ? undefined : problemOf(this.#error);
  }

  /**
   * Somebody did not accept the value: fetches another one.
   *
   * @param dead it is certain that the value is of no use any more
   */
  refused(dead: boolean): void {
    const now = this.#options.clock.monotonic();
    if (now - this.#fetchedAt < REFUSED_PAUSE_MS) return;
    if (dead) this.#value = undefined;
    this.#renewAt = now;
    this.#start(now);
  }

  #start(now: number): void {
    if (this.#flight || now < this.#pausedUntil) return;
    const flight = this.#fetch(now);
    const landed = () => {
      this.#flight = undefined;
      this.#quietFlight = undefined;
    };
    this.#flight = flight;
    this.#quietFlight = flight.then(
      (value) => {
        landed();
        return value;
      },
      () => {
        landed();
        return undefined;
      },
    );
  }

  async #fetch(startedAt: number): Promise<Value> {
    const { clock, random } = this.#options;
    try {
      const { value, lifetimeMs } = await this.#options.fetch();
      const expiresAt = startedAt + lifetimeMs - Math.min(MARGIN_MS, lifetimeMs * MARGIN_SHARE);
      // Also where the lifetime is no number.
      if (!(clock.monotonic() < expiresAt)) throw new CredentialError('expired');
      this.#value = value;
      this.#fetchedAt = startedAt;
      this.#expiresAt = expiresAt;
      this.#renewAt = startedAt + lifetimeMs * RENEW_SHARE * (1 - JITTER_SHARE * random.fraction());
      // A service may hand out the same token until it ends: it is not asked at every request for that.
      this.#pausedUntil = startedAt + FIRST_PAUSE_MS;
      this.#failures = 0;
      this.#error = undefined;
      return value;
    } catch (error) {
      const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.#failures);
      this.#pausedUntil = clock.monotonic() + pause * (1 - JITTER_SHARE * random.fraction());
      this.#failures = Math.min(this.#failures + 1, 16);
      this.#error = error;
      this.#options.failed?.(problemOf(error));
      throw error;
    }
  }
}
