/** More than a day is not a wait but a refusal; longer waits are cut to it. */
const LONGEST_SECONDS = 86_400;

/**
 * How long a provider asks to wait: `retry-after-ms` (OpenAI, Azure), else `retry-after` in seconds or as an HTTP date
 * (RFC 9110 §10.2.3).
 *
 * @param headers names in lower case
 * @param now milliseconds since 1970
 * @returns seconds, possibly a fraction; undefined when it does not say, or not in a form that can be read
 */
export function readRetryAfter(
  headers: Readonly<Record<string, string | string[] | undefined>>,
  now: number,
): number | undefined {
  const milliseconds = readNumber(headers['retry-after-ms']);
  if (milliseconds !== undefined) return Math.min(milliseconds / 1000, LONGEST_SECONDS);
  const seconds = readNumber(headers['retry-after']);
  if (seconds !== undefined) return Math.min(seconds, LONGEST_SECONDS);
  const date = headers['retry-after'];
  // A date names its month; Date.parse would also take "-5" for a year.
  if (typeof date !== 'string' || !date.endsWith('GMT')) return undefined;
  const at = Date.parse(date);
  return Number.isNaN(at) ? undefined : Math.min(Math.max((at - now) / 1000, 0), LONGEST_SECONDS);
}

function readNumber(header: string | string[] | undefined): number | undefined {
  const text = typeof header === 'string' ? header.trim() : undefined;
  if (text === undefined || text === '') return undefined;
  const value = Number(text);
  return Number.isFinite(value) && value >= 0 ? value : undefined;
}
