/** Names in lower case; several lines of one name in the order in which they came. */
export type AnswerHeaders = Record<string, string | string[] | undefined>;

/** A name, as RFC 9110 §5.6.2 has it. */
export const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** What RFC 9110 §5.5 does not allow in a value: controls, and with them line ends that are not CRLF. */
export const NOT_IN_VALUE = /[^\t\x20-\x7e\x80-\xff]/;
const SPACE = 0x20;
const TAB = 0x09;

/**
 * Reads the header lines of a head (RFC 9112 §5). A folded line has a space in its name and is refused with the rest.
 *
 * @param head without the empty line at its end
 * @param start where the first line begins
 * @returns undefined when a line is not a header
 */
export function readHeaderLines(head: string, start: number): AnswerHeaders | undefined {
  const headers: AnswerHeaders = {};
  for (let at = start; at < head.length; ) {
    const next = head.indexOf('\r\n', at);
    const end = next === -1 ? head.length : next;
    const colon = head.indexOf(':', at);
    if (colon === -1 || colon >= end) return undefined;
    const name = head.slice(at, colon);
    const value = textBetween(head, colon + 1, end);
    if (!TOKEN.test(name) || NOT_IN_VALUE.test(value)) return undefined;
    const lower = name.toLowerCase();
    // A tab beside it makes it another coding for llhttp, and so may it for what stands between.
    if (lower === 'transfer-encoding' && head.slice(colon, end).includes('\t')) return undefined;
    add(headers, lower, value);
    at = end + 2;
  }
  return headers;
}

/** Not `trim`, which takes more than spaces and tabs: what others keep must not become a length here. */
function textBetween(head: string, start: number, end: number): string {
  let from = start;
  let to = end;
  while (from < to && isBlank(head.charCodeAt(from))) from += 1;
  while (from < to && isBlank(head.charCodeAt(to - 1))) to -= 1;
  return head.slice(from, to);
}

function isBlank(code: number): boolean {
  return code === SPACE || code === TAB;
}

function add(headers: AnswerHeaders, name: string, value: string): void {
  // It is the prototype's, whatever is assigned to it.
  if (name === '__proto__') return;
  const before = headers[name];
  if (typeof before === 'string') headers[name] = [before, value];
  else if (Array.isArray(before)) before.push(value);
  // Nothing, or what every object inherits: `constructor` is a name like others.
  else headers[name] = value;
}
