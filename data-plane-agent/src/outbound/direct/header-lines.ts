import { NOT_IN_VALUE, nameBetween, textBetween } from '../../http1/header-text.ts';

/** Names in lower case; several lines of one name in the order in which they came. */
export type AnswerHeaders = Record<string, string | string[] | undefined>;

/** The names of one head as they were written, colons included, and in lower case. */
export interface HeaderNames {
  readonly written: string[];
  readonly lower: string[];
}

/**
 * Reads the header lines of a head (RFC 9112 §5). A folded line has a space in its name and is refused with the rest.
 *
 * @param head without the empty line at its end
 * @param start where the first line begins
 * @param last the names of the last head from the same server, which mostly are the same again: those need not be looked at
 *   once more. Changed to those of this head.
 * @returns undefined when a line is not a header
 */
export function readHeaderLines(head: string, start: number, last?: HeaderNames): AnswerHeaders | undefined {
  const headers: AnswerHeaders = {};
  let line = 0;
  for (let at = start; at < head.length; ) {
    const next = head.indexOf('\r\n', at);
    const end = next === -1 ? head.length : next;
    const written = last?.written[line];
    const isSame = written !== undefined && head.startsWith(written, at);
    const colon = isSame ? at + written.length - 1 : head.indexOf(':', at);
    if (colon === -1 || colon >= end) return undefined;
    const name = isSame ? last?.lower[line] : nameBetween(head, at, colon);
    const value = textBetween(head, colon + 1, end);
    if (name === undefined || NOT_IN_VALUE.test(value)) return undefined;
    if (last && !isSame && line < MOST_NAMES) {
      // A copy, since a slice would keep all of the head.
      last.written[line] = Buffer.from(head.slice(at, colon + 1), 'latin1').toString('latin1');
      last.lower[line] = Buffer.from(name, 'latin1').toString('latin1');
    }
    line += 1;
    // A tab beside it makes it another coding for llhttp, and so may it for what stands between.
    if (name === 'transfer-encoding' && head.slice(colon, end).includes('\t')) return undefined;
    add(headers, name, value);
    at = end + 2;
  }
  return headers;
}

/** A head of more lines is read on, but not remembered. */
const MOST_NAMES = 64;

function add(headers: AnswerHeaders, name: string, value: string): void {
  // It is the prototype's, whatever is assigned to it.
  if (name === '__proto__') return;
  const before = headers[name];
  if (typeof before === 'string') headers[name] = [before, value];
  else if (Array.isArray(before)) before.push(value);
  // Nothing, or what every object inherits: `constructor` is a name like others.
  else headers[name] = value;
}
