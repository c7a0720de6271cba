/** Where the parts of one key entry stand in a section's bytes. Zero: it has no such part. */
export interface ScannedEntry {
  hashAt: number;
  keyIdAt: number;
  teamIdAt: number;
  routeIdAt: number;
  /** The list of restrictions, brackets included. */
  restrictionsAt: number;
  restrictionsEnd: number;
}

export const SHA256_DIGITS = 64;
export const ID_LENGTH = 36;

const HASH = Buffer.from('{"sha256":"');
const KEY_ID = Buffer.from('","key_id":"');
const TEAM_ID = Buffer.from('","team_id":"');
const ROUTE_ID = Buffer.from('","route_id":"');
const RESTRICTIONS = Buffer.from('","restrictions":');

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const LIST_BEGIN = 0x5b;
const LIST_END = 0x5d;
const OBJECT_BEGIN = 0x7b;
const OBJECT_END = 0x7d;

/**
 * Finds the parts of a key entry in the form that the control plane writes, fields in that order and no spaces, without
 * making a value of it. Answers where the entry ends, -1 for any other form: then the section is for `JSON.parse` to read.
 *
 * Nothing can stand between the parts, so whoever checks each part (two hashes' and ids' digits, the restrictions' JSON) knows
 * that `JSON.parse` would read the same.
 */
export function scanKeyEntry(bytes: Uint8Array, from: number, into: ScannedEntry): number {
  if (!standsAt(bytes, from, HASH)) return -1;
  into.hashAt = from + HASH.length;
  let at = into.hashAt + SHA256_DIGITS;
  if (!standsAt(bytes, at, KEY_ID)) return -1;
  into.keyIdAt = at + KEY_ID.length;
  at = into.keyIdAt + ID_LENGTH;
  into.teamIdAt = 0;
  if (standsAt(bytes, at, TEAM_ID)) {
    into.teamIdAt = at + TEAM_ID.length;
    at = into.teamIdAt + ID_LENGTH;
  }
  into.routeIdAt = 0;
  if (standsAt(bytes, at, ROUTE_ID)) {
    into.routeIdAt = at + ROUTE_ID.length;
    at = into.routeIdAt + ID_LENGTH;
  }
  if (!standsAt(bytes, at, RESTRICTIONS)) return -1;
  into.restrictionsAt = at + RESTRICTIONS.length;
  into.restrictionsEnd = endOfList(bytes, into.restrictionsAt);
  if (into.restrictionsEnd < 0 || bytes[into.restrictionsEnd] !== OBJECT_END) return -1;
  return into.restrictionsEnd + 1;
}

function standsAt(bytes: Uint8Array, at: number, text: Uint8Array): boolean {
  for (let index = 0; index < text.length; index++) if (bytes[at + index] !== text[index]) return false;
  return true;
}

/** Behind the bracket that ends the list; -1 when there is none, or an escape makes it worth no trouble. */
function endOfList(bytes: Uint8Array, from: number): number {
  if (bytes[from] !== LIST_BEGIN) return -1;
  let depth = 0;
  let quoted = false;
  for (let at = from; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) quoted = !quoted;
    else if (byte === BACKSLASH) return -1;
    else if (quoted) continue;
    else if (byte === LIST_BEGIN || byte === OBJECT_BEGIN) depth += 1;
    else if (byte === LIST_END || byte === OBJECT_END) {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return -1;
}
