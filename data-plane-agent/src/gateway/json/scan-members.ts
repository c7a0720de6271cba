const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** Beyond this many bytes a string's end is searched natively: a call costs as much as some dozens of bytes read here. */
const LOOK_BY_HAND = 32;

/**
 * One member of an object: where its key stands (quotes included), where its value stands, whether the key holds a
 * backslash, and how deep the value nests (0 for a scalar). Ends are exclusive.
 *
 * Returns false to stop the scan.
 */
export type MemberVisitor = (
  keyStart: number,
  keyEnd: number,
  valueStart: number,
  valueEnd: number,
  escaped: boolean,
  depth: number,
) => boolean;

/** The index after the JSON white space that begins at `index`. */
export function skipSpace(bytes: Buffer, index: number): number {
  let at = index;
  while (at < bytes.length) {
    const byte = bytes[at];
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) break;
    at++;
  }
  return at;
}

/** The index after the string that opens at `index`; -1 when it does not end. */
export function skipString(bytes: Buffer, index: number): number {
  let at = index + 1;
  const byHand = Math.min(bytes.length, at + LOOK_BY_HAND);
  while (at < byHand) {
    const byte = bytes[at];
    if (byte === QUOTE) return at + 1;
    at += byte === BACKSLASH ? 2 : 1;
  }
  // `at` stands after a complete character, so backslashes are counted from here on.
  const from = at;
  for (;;) {
    const quote = bytes.indexOf(QUOTE, at);
    if (quote === -1) return -1;
    let before = quote - 1;
    while (before >= from && bytes[before] === BACKSLASH) before--;
    if ((quote - before) % 2 === 1) return quote + 1;
    at = quote + 1;
  }
}

/** Depth that the value skipped last nests to. Kept beside the index so that skipping allocates nothing. */
let lastDepth = 0;

/** The index after the value that begins at `index`; -1 when it does not end. */
function skipValue(bytes: Buffer, index: number): number {
  lastDepth = 0;
  const first = bytes[index];
  if (first === QUOTE) return skipString(bytes, index);
  if (first !== OPEN_BRACE && first !== OPEN_BRACKET) return skipScalar(bytes, index);
  let depth = 0;
  let at = index;
  while (at < bytes.length) {
    const byte = bytes[at];
    if (byte === QUOTE) {
      at = skipString(bytes, at);
      if (at === -1) return -1;
      continue;
    }
    at++;
    if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      depth++;
      if (depth > lastDepth) lastDepth = depth;
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      depth--;
      if (depth === 0) return at;
    }
  }
  return -1;
}

function skipScalar(bytes: Buffer, index: number): number {
  let at = index;
  while (at < bytes.length) {
    const byte = bytes[at];
    if (
      byte === COMMA ||
      byte === CLOSE_BRACE ||
      byte === CLOSE_BRACKET ||
      byte === undefined ||
      byte <= 0x20
    )
      break;
    at++;
  }
  return at === index ? -1 : at;
}

/**
 * Walks the members of the object that opens at `index`, without decoding anything. On a document that JSON.parse accepts
 * it is exact; on others it answers -1 or some index, so it never replaces JSON.parse.
 *
 * @returns the index after the object, or -1 when there is no whole object or the visitor stopped.
 */
export function scanMembers(bytes: Buffer, index: number, visit: MemberVisitor): number {
  if (bytes[index] !== OPEN_BRACE) return -1;
  const first = skipSpace(bytes, index + 1);
  if (bytes[first] === CLOSE_BRACE) return first + 1;
  return scanFollowingMembers(bytes, first, visit);
}

/** As `scanMembers`, from the key of a member on: `index` is the key's opening quote. */
export function scanFollowingMembers(bytes: Buffer, index: number, visit: MemberVisitor): number {
  let keyStart = index;
  for (;;) {
    if (bytes[keyStart] !== QUOTE) return -1;
    const keyEnd = skipString(bytes, keyStart);
    if (keyEnd === -1) return -1;
    const colon = skipSpace(bytes, keyEnd);
    if (bytes[colon] !== COLON) return -1;
    const valueStart = skipSpace(bytes, colon + 1);
    const valueEnd = skipValue(bytes, valueStart);
    if (valueEnd === -1) return -1;
    const depth = lastDepth;
    const escaped = holdsBackslash(bytes, keyStart, keyEnd);
    if (!visit(keyStart, keyEnd, valueStart, valueEnd, escaped, depth)) return -1;
    const next = skipSpace(bytes, valueEnd);
    if (bytes[next] === CLOSE_BRACE) return next + 1;
    if (bytes[next] !== COMMA) return -1;
    keyStart = skipSpace(bytes, next + 1);
  }
}

function holdsBackslash(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (bytes[at] === BACKSLASH) return true;
  return false;
}

/** Whether the key between the quotes at `start` and `end` is spelled exactly as `name`, which is ASCII. */
export function keyEquals(bytes: Buffer, start: number, end: number, name: string): boolean {
  if (end - start - 2 !== name.length) return false;
  for (let at = 0; at < name.length; at++) if (bytes[start + 1 + at] !== name.charCodeAt(at)) return false;
  return true;
}

/** The key's text with its escapes resolved. */
export function decodeKey(bytes: Buffer, start: number, end: number, escaped: boolean): string {
  if (!escaped) return bytes.toString('utf8', start + 1, end - 1);
  return JSON.parse(bytes.toString('utf8', start, end)) as string;
}
