import { decodeKey, keyEquals, scanFollowingMembers, scanMembers, skipSpace } from './scan-members.ts';

const FIELD = 'usage';
const NEEDLE = Buffer.from('"usage"');
const BACKSLASH = 0x5c;
/** After this many finds that were not the one, the document is scanned from its front, so that it stays linear. */
const TRIES = 3;
const NOT_HERE = Symbol('not here');

/**
 * The value of the top-level member `usage` of a JSON object, without parsing the whole. On a document that `JSON.parse`
 * accepts it answers exactly what `JSON.parse(...).usage` would (the last of duplicates, keys with escapes included), and
 * undefined for anything but an object.
 *
 * Servers write `usage` near the end, so it is looked for from there: what follows the find then has to close the document
 * exactly, which a find inside of a string or of a nested object cannot do. What stands before is not read; that the
 * document is whole is for the caller to know, from HTTP's framing. One that breaks off answers undefined unless it breaks
 * off right behind a nested object with such a member.
 */
export function scanUsage(bytes: Buffer): unknown {
  const open = skipSpace(bytes, 0);
  if (bytes[open] !== 0x7b) return undefined;
  let from = bytes.length;
  for (let tries = 0; tries < TRIES; tries++) {
    const at = bytes.lastIndexOf(NEEDLE, from);
    if (at === -1)
      return maySpellOtherwise(bytes) ? orUndefined(readFrom(bytes, open, scanMembers)) : undefined;
    // A quote after a backslash stands inside of a string, or ends one, which no valid document follows with a word.
    if (bytes[at - 1] !== BACKSLASH) {
      const value = readFrom(bytes, at, scanFollowingMembers);
      if (value !== NOT_HERE) return value;
    }
    from = at - 1;
  }
  return orUndefined(readFrom(bytes, open, scanMembers));
}

function orUndefined(found: unknown): unknown {
  return found === NOT_HERE ? undefined : found;
}

/** Reads the last `usage` of the members from `index` on, given that they end the document. */
function readFrom(bytes: Buffer, index: number, scan: typeof scanMembers): unknown {
  let start = -1;
  let end = -1;
  const after = scan(bytes, index, (keyStart, keyEnd, valueStart, valueEnd, escaped) => {
    if (escaped ? decodesToUsage(bytes, keyStart, keyEnd) : keyEquals(bytes, keyStart, keyEnd, FIELD)) {
      start = valueStart;
      end = valueEnd;
    }
    return true;
  });
  if (after === -1 || start === -1 || skipSpace(bytes, after) !== bytes.length) return NOT_HERE;
  try {
    return JSON.parse(bytes.toString('utf8', start, end));
  } catch {
    return undefined;
  }
}

function decodesToUsage(bytes: Buffer, keyStart: number, keyEnd: number): boolean {
  try {
    return decodeKey(bytes, keyStart, keyEnd, true) === FIELD;
  } catch {
    return false;
  }
}

/** Written as escapes, the word's letters are u006x and u007x. */
function maySpellOtherwise(bytes: Buffer): boolean {
  return bytes.includes('\\u007') || bytes.includes('\\u006');
}
