/** What a client's headers say about who it is. */
export type ReadCredential =
  | { readonly kind: 'none' }
  | { readonly kind: 'conflict' }
  | { readonly kind: 'token'; readonly token: string };

const NONE: ReadCredential = { kind: 'none' };
const CONFLICT: ReadCredential = { kind: 'conflict' };

/**
 * Finds the key in `Authorization: Bearer`, `x-api-key` or `api-key`. The same key twice is fine; two different ones are a
 * conflict, since it would be a guess which of them decides.
 *
 * @param rawHeaders names and values by turns, as node gives them: duplicates are still there
 */
export function readCredential(rawHeaders: readonly string[]): ReadCredential {
  let found: string | undefined;
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    // Most headers are told apart by length alone, without making a lower-case copy.
    if (name.length !== 13 && name.length !== 9 && name.length !== 7) continue;
    const token = tokenIn(name.toLowerCase(), rawHeaders[index + 1] ?? '');
    if (token === undefined) continue;
    if (found !== undefined && found !== token) return CONFLICT;
    found = token;
  }
  return found === undefined ? NONE : { kind: 'token', token: found };
}

function tokenIn(name: string, value: string): string | undefined {
  if (name === 'x-api-key' || name === 'api-key') return value.trim();
  if (name !== 'authorization') return undefined;
  // The scheme's name is case-insensitive (RFC 9110 §11.1). Another scheme counts as a token that no key matches.
  return value.length > 7 && value.slice(0, 7).toLowerCase() === 'bearer ' ? value.slice(7).trim() : value;
}
