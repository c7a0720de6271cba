/** A name, as RFC 9110 §5.6.2 has it. */
export const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** What RFC 9110 §5.5 does not allow in a value: controls, and with them line ends that are not CRLF. */
export const NOT_IN_VALUE = /[^\t\x20-\x7e\x80-\xff]/;
const SPACE = 0x20;
const TAB = 0x09;

/** By code: 0 where a name cannot have it, 2 for capitals, else 1. */
const IN_NAME = new Uint8Array(256);
for (let code = 0; code < IN_NAME.length; code++) {
  const character = String.fromCharCode(code);
  if (TOKEN.test(character)) IN_NAME[code] = character === character.toLowerCase() ? 1 : 2;
}

/** A name in lower case; undefined for what is none. Without a regular expression, whose call costs as much as all of it. */
export function nameBetween(text: string, start: number, end: number): string | undefined {
  let hasCapital = false;
  for (let at = start; at < end; at++) {
    const kind = IN_NAME[text.charCodeAt(at)];
    if (kind === 2) hasCapital = true;
    else if (kind !== 1) return undefined;
  }
  if (start === end) return undefined;
  const name = text.slice(start, end);
  return hasCapital ? name.toLowerCase() : name;
}

/**
 * The text without spaces and tabs around it. Not `trim`, which takes more than those: what others keep must not become a
 * length here.
 */
export function textBetween(text: string, start: number, end: number): string {
  let from = start;
  let to = end;
  while (from < to && isBlank(text.charCodeAt(from))) from += 1;
  while (from < to && isBlank(text.charCodeAt(to - 1))) to -= 1;
  return text.slice(from, to);
}

function isBlank(code: number): boolean {
  return code === SPACE || code === TAB;
}
