/** A JSON object of unknown shape. */
export type JsonObject = Record<string, unknown>;

/** True for a JSON object; false for arrays, null and scalars. */
export function isRecord(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value as a whole number within the limits, or undefined. */
export function integerWithin(value: unknown, lowest: number, highest: number): number | undefined {
  return Number.isInteger(value) && (value as number) >= lowest && (value as number) <= highest
    ? (value as number)
    : undefined;
}
