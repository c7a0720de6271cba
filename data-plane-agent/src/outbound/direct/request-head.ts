import type { Dispatcher } from 'undici';
import { NOT_IN_VALUE, nameBetween, TOKEN } from '../../http1/header-text.ts';

/** A request that must not be written: what it says would be read as something else. */
export class RequestFramingError extends Error {
  override readonly name = 'RequestFramingError';
  readonly code = 'REQUEST_MALFORMED';
}

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
/** Servers may refuse these without a length (RFC 9110 §8.6). */
const WITH_LENGTH: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH']);

/**
 * A request's head as text, with the empty line at its end.
 *
 * @param host goes into the `host` header unless one is given, as signed requests do
 * @param bodyBytes undefined for a request without a body
 * @throws RequestFramingError when a method, path, name or value cannot be in a head
 */
export function requestHead(
  method: string,
  path: string,
  host: string,
  headers: Dispatcher.DispatchOptions['headers'],
  bodyBytes: number | undefined,
): string {
  // An answer to CONNECT has no end that could be known here.
  if ((method !== 'POST' && !TOKEN.test(method)) || method === 'CONNECT')
    throw new RequestFramingError('the method is not one that can be sent here');
  if (path[0] !== '/' || NOT_IN_PATH.test(path))
    throw new RequestFramingError('the path has characters that no path may have');
  const list = Array.isArray(headers) ? (headers as readonly string[]) : listOf(headers);
  if (list.length % 2 !== 0) throw new RequestFramingError('a header has no value');
  let own = '';
  let given = host;
  for (let at = 0; at < list.length; at += 2) {
    const name = list[at] ?? '';
    const value = list[at + 1] ?? '';
    const lower = typeof name === 'string' ? nameBetween(name, 0, name.length) : undefined;
    if (lower === undefined || NOT_IN_VALUE.test(value))
      throw new RequestFramingError('a header has characters that no header may have');
    if (lower === 'host') given = hostOf(value);
    else if (!OWN.has(lower)) own += `${name}: ${value}\r\n`;
  }
  const bytes = bodyBytes ?? (WITH_LENGTH.has(method) ? 0 : undefined);
  const length = bytes === undefined ? '' : `content-length: ${bytes}\r\n`;
  return `${method} ${path} HTTP/1.1\r\nhost: ${given}\r\nconnection: keep-alive\r\n${own}${length}\r\n`;
}

function hostOf(value: string): string {
  if (value === '' || NOT_IN_PATH.test(value))
    throw new RequestFramingError('the host has characters that no host may have');
  return value;
}

function listOf(headers: Dispatcher.DispatchOptions['headers']): readonly string[] {
  const list: string[] = [];
  const given = headers ?? {};
  const entries = Symbol.iterator in given ? (given as Iterable<[string, unknown]>) : Object.entries(given);
  for (const [name, value] of entries)
    for (const one of [value].flat()) if (one !== undefined) list.push(name, String(one));
  return list;
}
