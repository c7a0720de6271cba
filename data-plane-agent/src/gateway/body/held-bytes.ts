import { GatewayError } from '../errors/gateway-error.ts';
import type { ByteBudget } from './byte-budget.ts';

/** The bytes that one body holds of the budget; given back once, whoever asks first. */
export class HeldBytes {
  readonly #budget: ByteBudget;
  readonly #limitBytes: number;
  #held = 0;

  constructor(budget: ByteBudget, limitBytes: number) {
    this.#budget = budget;
    this.#limitBytes = limitBytes;
  }

  /** @throws GatewayError `body_too_large`, `buffer_full`; nothing more is held then */
  add(bytes: number): void {
    if (this.#held + bytes > this.#limitBytes) throw new GatewayError('body_too_large');
    if (!this.#budget.take(bytes)) throw new GatewayError('buffer_full');
    this.#held += bytes;
  }

  release(): void {
    this.#budget.give(this.#held);
    this.#held = 0;
  }
}
