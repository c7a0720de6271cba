import type { Dispatcher } from 'undici';

/** A request that must not be written: what it says would be read as something else. */
export class RequestFramingError extends Error {
  override readonly name = 'RequestFramingError';
  readonly code = 'REQUEST_MALFORMED';
}

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** What RFC 9110 §5.5 does not allow in a value. */
const NOT_IN_VALUE = /[^\t\x20-\x7e\x80-\xff]/;
const NOT_IN_PATH = /[^\x21-\x7e]/;
/** How the request is framed is this module's to say. */
const OWN: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'expect',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/**
 * A request's head as text, with the empty line at its end.
 *
 * @param host goes into the `host` header unless one is given, as signed requests do
 * @param bodyBytes undefined for a request without a body
 * @throws RequestFramingError when a path, name or value cannot be in a head
 */
export function requestHead(
  method: string,
  path: string,
  host: string,
  headers: Dispatcher.DispatchOptions['headers'],
  bodyBytes: number | undefined,
): string {
  if (path[0] !== '/' || NOT_IN_PATH.test(path))
    throw new RequestFramingError('the path has characters that no path may have');
  const list = Array.isArray(headers) ? (headers as readonly string[]) : listOf(headers);
  let own = '';
  let given = host;
  for (let at = 0; at + 1 < list.length; at += 2) {
    const name = list[at] ?? '';
    const value = list[at + 1] ?? '';
    if (!TOKEN.test(name) || NOT_IN_VALUE.test(value))
      throw new RequestFramingError('a header has characters that no header may have');
    const lower = name.toLowerCase();
    if (lower === 'host') given = value;
    else if (!OWN.has(lower)) own += `${name}: ${value}\r\n`;
  }
  const length = bodyBytes === undefined ? '' : `content-length: ${bodyBytes}\r\n`;
  return `${method} ${path} HTTP/1.1\r\nhost: ${given}\r\nconnection: keep-alive\r\n${own}${length}\r\n`;
}

function listOf(headers: Dispatcher.DispatchOptions['headers']): readonly string[] {
  const list: string[] = [];
  for (const [name, value] of Object.entries(headers ?? {}))
    for (const one of [value].flat()) if (one !== undefined) list.push(name, String(one));
  return list;
}
