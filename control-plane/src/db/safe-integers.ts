/** The type number of `int8` in Postgres. */
export const INT8_TYPE = 20;

/**
 * Reads an `int8` as a number.
 *
 * @throws RangeError beyond 2^53, rather than being a little wrong.
 */
export function parseInt8(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError('a 64-bit integer does not fit a number');
  return value;
}
