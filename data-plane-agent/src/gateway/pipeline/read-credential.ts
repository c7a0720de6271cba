/** What a client's headers say about who it is. */
export type ReadCredential =
  | { readonly kind: 'none' }
  | { readonly kind: 'conflict' }
  | { readonly kind: 'token'; readonly token: string };

const NONE: ReadCredential = { kind: 'none' };
const CONFLICT: ReadCredential = { kind: 'conflict' };

/**
 * Finds the key in `Authorization: Bearer`, `x-api-key`, `api-key`, `x-goog-api-key`, or as the access key of a SigV4
 * signature, which is not checked: its secret half is not used here. The same key twice is fine; two different ones are a
 * conflict, since it would be a guess which of them decides.
 *
 * @param rawHeaders names and values by turns, as node gives them: duplicates are still there
 */
export function readCredential(rawHeaders: readonly string[]): ReadCredential {
  let found: string | undefined;
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    // Most headers are told apart by length alone, without making a lower-case copy.
    if (name.length !== 13 && name.length !== 9 && name.length !== 7 && name.length !== 14) continue;
    const token = tokenIn(name.toLowerCase(), rawHeaders[index + 1] ?? '');
    if (token === undefined) continue;
    if (found !== undefined && found !== token) return CONFLICT;
    found = token;
  }
  return found === undefined ? NONE : { kind: 'token', token: found };
}

function tokenIn(name: string, value: string): string | undefined {
  if (name === 'x-api-key' || name === 'api-key' || name === 'x-goog-api-key') return value.trim();
  if (name !== 'authorization') return undefined;
  if (value.startsWith(SIGV4)) return accessKeyIn(value);
  // The scheme's name is case-insensitive (RFC 9110 §11.1). Another scheme counts as a token that no key matches.
  return value.length > 7 && value.slice(0, 7).toLowerCase() === 'bearer ' ? value.slice(7).trim() : value;
}

const SIGV4 = 'AWS4-HMAC-SHA256 ';
const CREDENTIAL = 'Credential=';

/** `Credential=<access key>/<date>/<region>/<service>/aws4_request` (AWS, "Signature Version 4"). */
function accessKeyIn(value: string): string {
  const at = value.indexOf(CREDENTIAL);
  if (at === -1) return value;
  const start = at + CREDENTIAL.length;
  const end = value.indexOf('/', start);
  return end === -1 ? value : value.slice(start, end);
}
