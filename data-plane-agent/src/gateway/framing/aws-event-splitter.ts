import { crc32 } from 'node:zlib';
import { readAwsEvent } from './aws-event-headers.ts';
import { type FrameSplitter, FramingError, type StreamFrame } from './stream-frame.ts';

/** Total length, headers' length, checksum of these two. */
const PRELUDE_BYTES = 12;
const CHECKSUM_BYTES = 4;
const SMALLEST_MESSAGE = PRELUDE_BYTES + CHECKSUM_BYTES;
/** The format's own bounds: 128 KiB of headers, 24 MiB of payload. */
const MOST_HEADER_BYTES = 128 * 1024;
const MOST_BYTES = 24 * 1024 * 1024 + MOST_HEADER_BYTES + SMALLEST_MESSAGE;

/**
 * Cuts `application/vnd.amazon.eventstream` into messages. Both checksums of each message are verified. Messages that lie
 * whole in a chunk are views of it; only the bytes of a message that is spread over chunks are joined.
 *
 * A message that cannot be read ends the stream: those before it in the same chunk are still returned, and the next call
 * throws.
 *
 * @see https://smithy.io/2.0/aws/amazon-eventstream.html
 */
export class AwsEventSplitter implements FrameSplitter {
  /** Pieces of the message that is not complete yet. */
  #pieces: Buffer[] = [];
  #held = 0;
  /** How many bytes the pieces must come to: a prelude's at first, then the whole message's. */
  #wanted = PRELUDE_BYTES;
  #broken: FramingError | undefined;
  readonly #limit: number;

  /** @param limitBytes the largest message, all of it; never more than the format allows */
  constructor(limitBytes: number = MOST_BYTES) {
    this.#limit = Math.min(limitBytes, MOST_BYTES);
  }

  push(chunk: Buffer): StreamFrame[] {
    if (this.#broken) throw this.#broken;
    const frames: StreamFrame[] = [];
    try {
      this.#cut(chunk, frames);
    } catch (error) {
      if (!(error instanceof FramingError) || frames.length === 0) throw error;
      this.#broken = error;
    }
    return frames;
  }

  end(): StreamFrame[] {
    if (this.#broken) throw this.#broken;
    if (this.#held > 0) throw new FramingError('the stream ends inside of a message');
    return [];
  }

  #cut(chunk: Buffer, frames: StreamFrame[]): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#held > 0) {
        at = this.#continue(chunk, at, frames);
        continue;
      }
      const left = chunk.length - at;
      const total = left < PRELUDE_BYTES ? PRELUDE_BYTES : checkPrelude(chunk, at, this.#limit);
      if (left < total) {
        this.#hold(chunk.subarray(at), total);
        return;
      }
      frames.push(readMessage(chunk.subarray(at, at + total)));
      at += total;
    }
  }

  #hold(piece: Buffer, wanted: number): void {
    this.#pieces.push(piece);
    this.#held += piece.length;
    this.#wanted = wanted;
  }

  /** Adds to the message that was begun in an earlier chunk. @returns where the chunk goes on */
  #continue(chunk: Buffer, at: number, frames: StreamFrame[]): number {
    const end = Math.min(chunk.length, at + this.#wanted - this.#held);
    this.#hold(chunk.subarray(at, end), this.#wanted);
    if (this.#held < this.#wanted) return end;
    const joined = Buffer.concat(this.#pieces, this.#held);
    this.#pieces = [];
    this.#held = 0;
    if (joined.length === PRELUDE_BYTES) this.#hold(joined, checkPrelude(joined, 0, this.#limit));
    else frames.push(readMessage(joined));
    return end;
  }
}

/** @returns the whole message's length in bytes */
function checkPrelude(bytes: Buffer, at: number, limit: number): number {
  const total = bytes.readUInt32BE(at);
  const headers = bytes.readUInt32BE(at + 4);
  if (bytes.readUInt32BE(at + 8) !== crc32(bytes.subarray(at, at + 8))) {
    throw new FramingError('the checksum of a message prelude is wrong');
  }
  if (total < headers + SMALLEST_MESSAGE) {
    throw new FramingError('the lengths in a message prelude contradict each other');
  }
  if (headers > MOST_HEADER_BYTES || total > limit)
    throw new FramingError('a message is larger than allowed');
  return total;
}

function readMessage(message: Buffer): StreamFrame {
  const end = message.length - CHECKSUM_BYTES;
  if (message.readUInt32BE(end) !== crc32(message.subarray(0, end))) {
    throw new FramingError('the checksum of a message is wrong');
  }
  const headersEnd = PRELUDE_BYTES + message.readUInt32BE(4);
  return readAwsEvent(message, PRELUDE_BYTES, headersEnd, end);
}
