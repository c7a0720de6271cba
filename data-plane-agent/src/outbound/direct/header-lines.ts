/** Names in lower case; several lines of one name in the order in which they came. */
export type AnswerHeaders = Record<string, string | string[] | undefined>;

/** Line ends that are not CRLF, and NUL: what they mean differs from reader to reader. */
const STRAY = /\r(?!\n)|(?<!\r)\n|\0/;
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/**
 * Reads the header lines of a head (RFC 9112 §5). A folded line has a space in its name and is refused with the rest.
 *
 * @param head without the empty line at its end
 * @param start where the first line begins
 * @returns undefined when a line is not a header
 */
export function readHeaderLines(head: string, start: number): AnswerHeaders | undefined {
  if (STRAY.test(head)) return undefined;
  const headers: AnswerHeaders = {};
  for (let at = start; at < head.length; ) {
    const next = head.indexOf('\r\n', at);
    const end = next === -1 ? head.length : next;
    const colon = head.indexOf(':', at);
    if (colon === -1 || colon >= end) return undefined;
    const name = head.slice(at, colon);
    if (!TOKEN.test(name)) return undefined;
    add(headers, name.toLowerCase(), head.slice(colon + 1, end).trim());
    at = end + 2;
  }
  return headers;
}

function add(headers: AnswerHeaders, name: string, value: string): void {
  // An own property, so that a header's name never reaches the prototype.
  if (name === '__proto__') return;
  const before = headers[name];
  if (before === undefined) headers[name] = value;
  else if (typeof before === 'string') headers[name] = [before, value];
  else before.push(value);
}
