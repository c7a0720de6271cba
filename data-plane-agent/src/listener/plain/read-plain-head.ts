import { TOKEN } from '../../outbound/direct/header-lines.ts';

/** The head of a request in the one form that is served here. */
export interface PlainHead {
  /** As it stands in the request line, with its query. */
  readonly url: string;
  /** Names and values by turns, as they were sent. */
  readonly rawHeaders: string[];
  /** By names in lower case; none of them was sent twice. */
  readonly headers: Record<string, string>;
  /** Bytes of the head with the empty line at its end. */
  readonly headBytes: number;
  readonly bodyBytes: number;
}

/** What limits and chooses the requests that are served here. */
export interface PlainLimits {
  /** Paths that are served; all others are node's. */
  readonly paths: ReadonlySet<string>;
  readonly headBytes: number;
  readonly bodyBytes: number;
}

const HEAD_END = Buffer.from('\r\n\r\n');
const REQUEST_LINE = /^POST (\/[\w./-]+)(\?[\w.~%=&-]*)? HTTP\/1\.1$/;
/** Lines of visible characters, spaces and tabs that end in CRLF: no control, and no line end of another kind. */
const LINES = /^(?:[\t\x20-\x7e\x80-\xff]+\r\n)+$/;
const LENGTH = /^\d{1,9}$/;
const MOST_HEADERS = 100;
const SPACE = 0x20;
const TAB = 0x09;

/** Headers that say how the request is framed, or that the connection is to become something else. */
const NOT_PLAIN: ReadonlySet<string> = new Set([
  'transfer-encoding',
  'te',
  'trailer',
  'expect',
  'upgrade',
  'http2-settings',
  'keep-alive',
  'proxy-connection',
  // To node's server it is the prototype of what it puts headers into.
  '__proto__',
]);

/**
 * Recognizes a head that can be read in one way only: POST to one of the known paths in HTTP/1.1, each header once, a body of
 * the one length that is said. It refuses nothing: what it does not recognize is left to node's parser.
 *
 * @param bytes what has come of the connection since its last request
 * @returns undefined where the head is not whole or is not plain
 */
export function readPlainHead(bytes: Buffer, limits: PlainLimits): PlainHead | undefined {
  const end = bytes.indexOf(HEAD_END);
  if (end === -1 || end > limits.headBytes) return undefined;
  const text = bytes.toString('latin1', 0, end + 2);
  const lineEnd = text.indexOf('\r\n');
  const line = REQUEST_LINE.exec(text.slice(0, lineEnd));
  if (!line?.[1] || !limits.paths.has(line[1]) || !LINES.test(text)) return undefined;
  const rawHeaders: string[] = [];
  const headers: Record<string, string> = Object.create(null);
  for (let at = lineEnd + 2; at < text.length; ) {
    const next = text.indexOf('\r\n', at);
    const colon = text.indexOf(':', at);
    if (colon === -1 || colon >= next || rawHeaders.length >= 2 * MOST_HEADERS) return undefined;
    const name = text.slice(at, colon);
    const lower = name.toLowerCase();
    if (!TOKEN.test(name) || NOT_PLAIN.has(lower) || headers[lower] !== undefined) return undefined;
    const value = textBetween(text, colon + 1, next);
    headers[lower] = value;
    rawHeaders.push(name, value);
    at = next + 2;
  }
  const { host, connection, 'content-length': length } = headers;
  if (host === undefined || host === '' || length === undefined || !LENGTH.test(length)) return undefined;
  if (connection !== undefined && connection.toLowerCase() !== 'keep-alive') return undefined;
  const bodyBytes = Number(length);
  if (bodyBytes === 0 || bodyBytes > limits.bodyBytes) return undefined;
  return { url: line[1] + (line[2] ?? ''), rawHeaders, headers, headBytes: end + HEAD_END.length, bodyBytes };
}

/** Spaces and tabs around a value are not part of it (RFC 9110 §5.5). */
function textBetween(text: string, start: number, end: number): string {
  let from = start;
  let to = end;
  while (from < to && isBlank(text.charCodeAt(from))) from += 1;
  while (from < to && isBlank(text.charCodeAt(to - 1))) to -= 1;
  return text.slice(from, to);
}

function isBlank(code: number): boolean {
  return code === SPACE || code === TAB;
}
