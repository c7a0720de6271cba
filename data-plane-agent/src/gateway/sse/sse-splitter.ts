import { readSingleDataLine, readSseBlock } from './read-sse-block.ts';
import type { SseEvent } from './sse-event.ts';

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const NOTHING = Buffer.alloc(0);

/** One event of a stream is larger than allowed. */
export class SseLimitError extends Error {
  override readonly name = 'SseLimitError';
  readonly limitBytes: number;

  constructor(limitBytes: number) {
    super(`an event of the stream is larger than ${limitBytes} bytes`);
    this.limitBytes = limitBytes;
  }
}

/**
 * Cuts an event stream into its events, by the rules of the WHATWG HTML standard. Lines end in LF, CR or CRLF; the result
 * does not depend on where chunks are cut. An event that lies in one chunk is a view of it, not a copy.
 *
 * A CR at the very end of a chunk waits for the next byte, since a LF may belong to it; a server that separates by bare CR
 * is therefore seen one event late, until `end`.
 */
export class SseSplitter {
  readonly #limitBytes: number;
  /** What came of the event that is not complete; `#length` bytes of it are filled. */
  #held: Buffer = NOTHING;
  #length = 0;
  /** Relative to the beginning of the event: how far line ends were looked for, and where the current line begins. */
  #scanned = 0;
  #lineStart = 0;
  /** Lines of the current event that ended, and where the text of the first one did. */
  #lines = 0;
  #firstLineEnd = 0;
  #atStart = true;
  #failed = false;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /**
   * The events that this chunk completes.
   *
   * @throws SseLimitError once the events before the one that is too large were returned.
   */
  push(chunk: Buffer): SseEvent[] {
    return this.#split(this.#join(chunk), false);
  }

  /** What is left when the stream ends: at most one complete event and one that is not. */
  end(): SseEvent[] {
    const bytes = this.#held.subarray(0, this.#length);
    const events = this.#split(bytes, true);
    const rest = this.#held.subarray(0, this.#length);
    this.#length = 0;
    if (rest.length > 0 && !this.#failed) events.push(readSseBlock(rest, this.#textStart(rest), false));
    return events;
  }

  #split(bytes: Buffer, ended: boolean): SseEvent[] {
    if (this.#failed) throw new SseLimitError(this.#limitBytes);
    const events: SseEvent[] = [];
    let start = 0;
    for (;;) {
      const end = this.#findEnd(bytes, start, ended);
      if ((end === -1 ? bytes.length : end) - start > this.#limitBytes) return this.#fail(events);
      if (end === -1) break;
      events.push(this.#read(bytes.subarray(start, end)));
      start = end;
      this.#scanned = 0;
      this.#lineStart = 0;
      this.#lines = 0;
      this.#atStart = false;
    }
    this.#hold(bytes, start);
    return events;
  }

  #fail(events: SseEvent[]): SseEvent[] {
    this.#failed = true;
    this.#held = NOTHING;
    this.#length = 0;
    if (events.length === 0) throw new SseLimitError(this.#limitBytes);
    return events;
  }

  /** The index after the blank line that ends the event beginning at `start`; -1 when it has not come. */
  #findEnd(bytes: Buffer, start: number, ended: boolean): number {
    let at = start + this.#scanned;
    let carriageReturn = bytes.indexOf(CARRIAGE_RETURN, at);
    for (;;) {
      if (carriageReturn !== -1 && carriageReturn < at) carriageReturn = bytes.indexOf(CARRIAGE_RETURN, at);
      const lineFeed = bytes.indexOf(LINE_FEED, at);
      const isReturn = carriageReturn !== -1 && (lineFeed === -1 || carriageReturn < lineFeed);
      const lineEnd = isReturn ? carriageReturn : lineFeed;
      if (lineEnd === -1) {
        this.#scanned = bytes.length - start;
        return -1;
      }
      if (isReturn && lineEnd + 1 === bytes.length && !ended) {
        this.#scanned = lineEnd - start;
        return -1;
      }
      const next = isReturn && bytes[lineEnd + 1] === LINE_FEED ? lineEnd + 2 : lineEnd + 1;
      const lineStart = this.#lines === 0 ? this.#textStart(bytes) : this.#lineStart;
      if (lineEnd === start + lineStart) return next;
      if (this.#lines++ === 0) this.#firstLineEnd = lineEnd - start;
      this.#lineStart = next - start;
      at = next;
    }
  }

  #read(bytes: Buffer): SseEvent {
    const start = this.#textStart(bytes);
    if (start === 0 && this.#lines === 1) {
      const single = readSingleDataLine(bytes, this.#firstLineEnd);
      if (single) return single;
    }
    return readSseBlock(bytes, start, true);
  }

  /** One byte order mark at the very beginning of the stream is not part of the first line. */
  #textStart(bytes: Buffer): number {
    return this.#atStart && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  }

  /** The chunk behind what is held. Grows by doubling, so that many small chunks of a large event cost linear time. */
  #join(chunk: Buffer): Buffer {
    if (this.#length === 0) return chunk;
    const length = this.#length + chunk.length;
    if (length > this.#held.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(length, this.#held.length * 2));
      this.#held.copy(larger, 0, 0, this.#length);
      this.#held = larger;
    }
    chunk.copy(this.#held, this.#length);
    return this.#held.subarray(0, length);
  }

  /** Keeps what is behind the last event. Memory that events are views of is never written again. */
  #hold(bytes: Buffer, start: number): void {
    const length = bytes.length - start;
    if (start > 0 || this.#length === 0)
      this.#held = length > 0 ? Buffer.from(bytes.subarray(start)) : NOTHING;
    this.#length = length;
  }
}
