import { nameBetween, textBetween } from '../../http1/header-text.ts';

/** The head of a request in the one form that is served here. Shared by requests whose heads are alike. */
export interface PlainHead {
  /** As it stands in the request line, with its query. */
  readonly url: string;
  /** Names in lower case and values by turns; without the length, which the body tells. */
  readonly rawHeaders: readonly string[];
  /** The same by names; none of them was sent twice. */
  readonly headers: Readonly<Record<string, string>>;
  /** Up to the digits of its length. */
  readonly before: Buffer;
  /** From there to the end of the empty line. */
  readonly behind: Buffer;
}

/** A head in what has come of a connection. */
export interface FoundHead {
  readonly head: PlainHead;
  /** With the empty line at its end. */
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
const LONGEST_LENGTH = 9;
const MOST_HEADERS = 100;
const ZERO = 0x30;

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
 * @param last the last head on the connection: clients send the same again but for the length, which is cheap to see
 * @returns undefined where the head is not whole or is not plain
 */
export function readPlainHead(
  bytes: Buffer,
  limits: PlainLimits,
  last?: PlainHead | undefined,
): FoundHead | undefined {
  return (last && findAgain(bytes, limits, last)) ?? findNew(bytes, limits);
}

function findAgain(bytes: Buffer, limits: PlainLimits, head: PlainHead): FoundHead | undefined {
  const { before, behind } = head;
  const start = before.length;
  if (bytes.length < start + behind.length || before.compare(bytes, 0, start) !== 0) return undefined;
  const digits = countDigits(bytes, start);
  const headBytes = start + digits + behind.length;
  if (headBytes > bytes.length || behind.compare(bytes, start + digits, headBytes) !== 0) return undefined;
  return found(head, bytes, headBytes, digits, limits);
}

function findNew(bytes: Buffer, limits: PlainLimits): FoundHead | undefined {
  const end = bytes.indexOf(HEAD_END);
  const headBytes = end + HEAD_END.length;
  if (end === -1 || headBytes > limits.headBytes) return undefined;
  const text = bytes.toString('latin1', 0, end + 2);
  const lineEnd = text.indexOf('\r\n');
  const line = REQUEST_LINE.exec(text.slice(0, lineEnd));
  if (!line?.[1] || !limits.paths.has(line[1]) || !LINES.test(text)) return undefined;
  const rawHeaders: string[] = [];
  const headers: Record<string, string> = Object.create(null);
  let lengthAt = -1;
  for (let at = lineEnd + 2; at < text.length; ) {
    const next = text.indexOf('\r\n', at);
    const colon = text.indexOf(':', at);
    if (colon === -1 || colon >= next || rawHeaders.length >= 2 * MOST_HEADERS) return undefined;
    const name = nameBetween(text, at, colon);
    if (name === undefined || NOT_PLAIN.has(name) || headers[name] !== undefined) return undefined;
    const value = textBetween(text, colon + 1, next);
    if (name === 'content-length') {
      if (lengthAt !== -1 || !/^\d+$/.test(value)) return undefined;
      lengthAt = text.indexOf(value, colon + 1);
    } else {
      headers[name] = value;
      rawHeaders.push(name, value);
    }
    at = next + 2;
  }
  const { host, connection } = headers;
  if (lengthAt === -1 || host === undefined || host === '') return undefined;
  if (connection !== undefined && connection.toLowerCase() !== 'keep-alive') return undefined;
  const digits = countDigits(bytes, lengthAt);
  const before = Buffer.from(bytes.subarray(0, lengthAt));
  const behind = Buffer.from(bytes.subarray(lengthAt + digits, headBytes));
  const head = { url: line[1] + (line[2] ?? ''), rawHeaders, headers, before, behind };
  return found(head, bytes, headBytes, digits, limits);
}

function countDigits(bytes: Buffer, start: number): number {
  let at = start;
  while (at < bytes.length && isDigit(bytes[at] ?? 0)) at += 1;
  return at - start;
}

function isDigit(code: number): boolean {
  return code >= ZERO && code < ZERO + 10;
}

function found(
  head: PlainHead,
  bytes: Buffer,
  headBytes: number,
  digits: number,
  limits: PlainLimits,
): FoundHead | undefined {
  if (digits === 0 || digits > LONGEST_LENGTH || headBytes > limits.headBytes) return undefined;
  let bodyBytes = 0;
  const start = head.before.length;
  for (let at = start; at < start + digits; at++) bodyBytes = bodyBytes * 10 + ((bytes[at] ?? ZERO) - ZERO);
  return bodyBytes === 0 || bodyBytes > limits.bodyBytes ? undefined : { head, headBytes, bodyBytes };
}
