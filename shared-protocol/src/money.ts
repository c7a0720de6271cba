/** Money is integer nano-USD everywhere (1 USD = 1,000,000,000). Never a float, so that sums reconcile to the unit. */
export type NanoUsd = number;

export const NANO_PER_USD = 1_000_000_000;

const DECIMAL = /^(0|[1-9][0-9]{0,8})(?:\.([0-9]{1,9}))?$/;

/**
 * Reads a decimal amount of USD as people write it (`"2.50"`) into nano-USD, without passing through a float.
 *
 * @throws RangeError when the text is not a plain non-negative decimal with at most nine decimals.
 */
export function parseUsd(text: string): NanoUsd {
  const match = DECIMAL.exec(text);
  if (!match) {
    throw new RangeError(
      `${JSON.stringify(text)} is not an amount of USD such as "2.50" (at most nine decimals)`,
    );
  }
  const nanos = Number(match[1]) * NANO_PER_USD + Number((match[2] ?? '').padEnd(9, '0'));
  if (!Number.isSafeInteger(nanos))
    throw new RangeError(`${text} USD is more than can be counted in nano-USD`);
  return nanos;
}

/** Writes nano-USD as a decimal amount of USD, with every digit that counts and no more. */
export function formatUsd(nanos: NanoUsd): string {
  const whole = Math.floor(Math.abs(nanos) / NANO_PER_USD);
  const fraction = String(Math.abs(nanos) % NANO_PER_USD)
    .padStart(9, '0')
    .replace(/0+$/, '');
  return `${nanos < 0 ? '-' : ''}${whole}${fraction ? `.${fraction}` : ''}`;
}
