/** A value of one element of a Postgres array. */
export type ArrayElement = string | number | boolean | null;

const PLAIN = /^[A-Za-z0-9_.:+-]+$/;

/**
 * Writes values as a Postgres array literal. One literal for each column is the fastest way to hand thousands of rows to
 * one statement: the driver has one short list of parameters, and nothing is parsed as JSON.
 */
export function arrayLiteral(values: readonly ArrayElement[]): string {
  let text = '{';
  for (let index = 0; index < values.length; index++) {
    if (index > 0) text += ',';
    text += element(values[index] ?? null);
  }
  return `${text}}`;
}

function element(value: ArrayElement): string {
  if (value === null) return 'NULL';
  if (typeof value === 'number') return String(value);
  if (typeof value === 'boolean') return value ? 't' : 'f';
  // Unquoted, the word null would be no text.
  if (PLAIN.test(value) && value.toLowerCase() !== 'null') return value;
  return `"${value.replaceAll(/["\\]/g, '\\$&')}"`;
}
