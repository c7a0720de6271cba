import { type AnswerHeaders, type HeaderNames, readHeaderLines } from './header-lines.ts';

/** Is told what an answer consists of, in order. */
export interface AnswerEvents {
  /** A final head: informational ones (1xx) are left out. */
  head(status: number, headers: AnswerHeaders): void;
  /** @param chunk part of the bytes that were fed, good only until feeding returns */
  data(chunk: Buffer): void;
  /** The answer is complete. */
  end(): void;
}

/** Bytes that are no HTTP/1.1 answer, or one that could be read in two ways. */
export class AnswerFramingError extends Error {
  override readonly name = 'AnswerFramingError';
  readonly code = 'ANSWER_MALFORMED';
}

const LONGEST_HEAD = 64 * 1024;
/** Of a chunk's size with its extensions, and of a trailer's line. */
const LONGEST_LINE = 16 * 1024;
const HEAD_END = Buffer.from('\r\n\r\n');
const LINE_END = Buffer.from('\r\n');
const NOTHING: Buffer = Buffer.alloc(0);
const STATUS_LINE = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: [^\r\n]*)?$/;
/** With extensions, which are checked and not used (RFC 9112 §7.1.1). */
const CHUNK_SIZE =
  /^([0-9a-f]{1,13})(?:;[!#$%&'*+.^_`|~0-9a-z-]+(?:=(?:[!#$%&'*+.^_`|~0-9a-z-]+|"(?:[\t \x21\x23-\x5b\x5d-\x7e\x80-\xff]|\\[\t\x20-\x7e\x80-\xff])*"))?)*$/i;

type State = 'idle' | 'head' | 'length' | 'size' | 'chunk' | 'chunk-end' | 'trailers' | 'until-close';

/**
 * Reads answers of HTTP/1.1 (RFC 9112), one after the other, from bytes that are split anywhere. It is strict: bare line
 * feeds, folded headers, more than one length, a length beside chunks and codings other than chunks are refused.
 */
export class AnswerParser {
  /** Whether the connection may carry another request after this answer. */
  keepAlive = true;
  /** What the server says about how long it keeps the connection, in seconds. */
  keepAliveSeconds: number | undefined;
  private readonly events: AnswerEvents;
  private readonly names: HeaderNames = { written: [], lower: [] };
  private state: State = 'idle';
  private bodyless = false;
  /** Bytes that are still to come of the body or the chunk. */
  private left = 0;
  /** The beginning of a head or line whose end has not come. */
  private held = NOTHING;

  constructor(events: AnswerEvents) {
    this.events = events;
  }

  /** A request was sent. @param bodyless it was HEAD, whose answers have no body */
  expect(bodyless: boolean): void {
    this.state = 'head';
    this.bodyless = bodyless;
    this.keepAliveSeconds = undefined;
  }

  /**
   * @param bytes may be written over afterwards
   * @throws AnswerFramingError, or what the events throw
   */
  feed(bytes: Buffer): void {
    let rest = bytes;
    while (rest.length > 0) rest = this.step(rest);
  }

  /** The connection has ended. Answers whether that was the end of the answer. */
  close(): boolean {
    if (this.state !== 'until-close') return false;
    this.state = 'idle';
    this.events.end();
    return true;
  }

  /** Takes some of the bytes, and gives back the others. */
  private step(bytes: Buffer): Buffer {
    switch (this.state) {
      case 'head':
        return this.readHead(bytes);
      case 'length':
      case 'chunk':
        return this.readCounted(bytes);
      case 'until-close':
        this.events.data(bytes);
        return NOTHING;
      case 'idle':
        throw new AnswerFramingError('the server sent bytes that no request asked for');
      default:
        return this.readLine(bytes);
    }
  }

  private readHead(bytes: Buffer): Buffer {
    const all = this.held.length === 0 ? bytes : Buffer.concat([this.held, bytes]);
    const end = all.indexOf(HEAD_END);
    if (end === -1 ? all.length > LONGEST_HEAD : end > LONGEST_HEAD)
      throw new AnswerFramingError(`the answer's head is larger than ${LONGEST_HEAD} bytes`);
    this.held = NOTHING;
    if (end === -1) {
      this.held = all === bytes ? Buffer.from(bytes) : all;
      return NOTHING;
    }
    this.openBody(all.toString('latin1', 0, end));
    return all.subarray(end + HEAD_END.length);
  }

  private openBody(head: string): void {
    const lineEnd = head.indexOf('\r\n');
    const status = STATUS_LINE.exec(lineEnd === -1 ? head : head.slice(0, lineEnd));
    if (!status) throw new AnswerFramingError("the answer's first line is not one of HTTP/1.1");
    const code = Number(status[2]);
    const headers = lineEnd === -1 ? {} : readHeaderLines(head, lineEnd + 2, this.names);
    if (!headers) throw new AnswerFramingError("the answer's headers cannot be read");
    if (code === 101) throw new AnswerFramingError('the server switches protocols without being asked');
    const length = lengthOf(headers);
    this.keepAlive = staysOpen(headers, status[1] === '1');
    if (code < 200) {
      if (!this.keepAlive) throw new AnswerFramingError('the server ends the connection before its answer');
      return;
    }
    // Chunks of a server that knows none: what stands between may have changed them (RFC 9112 §6.1).
    if (status[1] === '0' && headers['transfer-encoding'] !== undefined) this.keepAlive = false;
    this.keepAliveSeconds = hintOf(headers);
    this.left = length ?? 0;
    const empty = this.bodyless || code === 204 || code === 304 || length === 0;
    if (empty) this.state = 'idle';
    else if (headers['transfer-encoding'] !== undefined) this.state = 'size';
    else this.state = length === undefined ? 'until-close' : 'length';
    if (this.state === 'until-close') this.keepAlive = false;
    this.events.head(code, headers);
    if (empty) this.events.end();
  }

  private readCounted(bytes: Buffer): Buffer {
    if (bytes.length < this.left) {
      this.left -= bytes.length;
      this.events.data(bytes);
      return NOTHING;
    }
    const chunk = bytes.length === this.left ? bytes : bytes.subarray(0, this.left);
    const rest = bytes.length === this.left ? NOTHING : bytes.subarray(this.left);
    const isLast = this.state === 'length';
    this.state = isLast ? 'idle' : 'chunk-end';
    this.events.data(chunk);
    if (isLast) this.events.end();
    return rest;
  }

  /** A chunk's size, what ends a chunk, or a trailer. */
  private readLine(bytes: Buffer): Buffer {
    const all = this.held.length === 0 ? bytes : Buffer.concat([this.held, bytes]);
    const end = all.indexOf(LINE_END);
    if ((end === -1 ? all.length : end) > LONGEST_LINE)
      throw new AnswerFramingError(`a line between chunks is longer than ${LONGEST_LINE} bytes`);
    this.held = NOTHING;
    if (end === -1) {
      this.held = all === bytes ? Buffer.from(bytes) : all;
      return NOTHING;
    }
    if (this.state === 'size') this.openChunk(all.toString('latin1', 0, end));
    else if (this.state === 'trailers') this.readTrailer(all.toString('latin1', 0, end));
    else if (end === 0) this.state = 'size';
    else throw new AnswerFramingError('a chunk is longer than it said');
    return all.subarray(end + LINE_END.length);
  }

  private openChunk(line: string): void {
    const size = CHUNK_SIZE.exec(line)?.[1];
    if (size === undefined) throw new AnswerFramingError("a chunk's size is not a number");
    this.left = Number.parseInt(size, 16);
    this.state = this.left === 0 ? 'trailers' : 'chunk';
    if (this.state === 'trailers') this.left = LONGEST_HEAD;
  }

  /** Trailers are checked and not used. The empty line after them is the end. */
  private readTrailer(line: string): void {
    if (line === '') {
      this.state = 'idle';
      this.events.end();
      return;
    }
    this.left -= line.length;
    const trailer = readHeaderLines(line, 0);
    if (this.left < 0 || !trailer || 'content-length' in trailer || 'transfer-encoding' in trailer)
      throw new AnswerFramingError("the answer's trailers cannot be read");
  }
}

/** @throws AnswerFramingError when the length could be read in two ways */
function lengthOf(headers: AnswerHeaders): number | undefined {
  const coding = headers['transfer-encoding'];
  const length = headers['content-length'];
  if (coding !== undefined) {
    if (length !== undefined) throw new AnswerFramingError('the answer has a length and chunks');
    if (typeof coding !== 'string' || coding.toLowerCase() !== 'chunked')
      throw new AnswerFramingError('the answer has a transfer coding other than chunked');
    return undefined;
  }
  if (length === undefined) return undefined;
  if (typeof length !== 'string' || !/^\d{1,15}$/.test(length))
    throw new AnswerFramingError("the answer's length is not one number");
  return Number(length);
}

function staysOpen({ connection }: AnswerHeaders, byDefault: boolean): boolean {
  if (connection === undefined) return byDefault;
  const options = String(connection).toLowerCase();
  return !/\bclose\b/.test(options) && (byDefault || /\bkeep-alive\b/.test(options));
}

function hintOf(headers: AnswerHeaders): number | undefined {
  const hint = headers['keep-alive'];
  const seconds = typeof hint === 'string' ? /(?:^|[ ,])timeout=(\d{1,6})/i.exec(hint)?.[1] : undefined;
  return seconds === undefined ? undefined : Number(seconds);
}
