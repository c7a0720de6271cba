import { crc32 } from 'node:zlib';

const FIRST_BYTES = 64 * 1024;
/** What a burst made it grow to is given back above this. */
const KEPT_BYTES = 1024 * 1024;
const CHECKSUM_DIGITS = 8;
/** A character takes at most so many bytes in UTF-8. */
const BYTES_PER_CHARACTER = 3;
const SPACE = 0x20;
const NEWLINE = 0x0a;
const DIGITS = Buffer.from('0123456789abcdef');

/** Lines as they stand in a segment, put together in one piece of memory that is used again for each turn. */
export class LineBuffer {
  #bytes = Buffer.allocUnsafe(FIRST_BYTES);
  #length = 0;

  /** Adds a line: the same as `formatLine` gives. */
  add(payload: string): void {
    this.#reserve(CHECKSUM_DIGITS + 2 + payload.length * BYTES_PER_CHARACTER);
    const bytes = this.#bytes;
    const start = this.#length + CHECKSUM_DIGITS + 1;
    const end = start + bytes.write(payload, start);
    let checksum = crc32(bytes.subarray(start, end));
    bytes[start - 1] = SPACE;
    for (let digit = start - 2; digit >= this.#length; digit--) {
      bytes[digit] = DIGITS[checksum & 15] ?? 0;
      checksum >>>= 4;
    }
    bytes[end] = NEWLINE;
    this.#length = end + 1;
  }

  /** All lines. Good until the next change. */
  content(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  clear(): void {
    this.#length = 0;
    if (this.#bytes.length > KEPT_BYTES) this.#bytes = Buffer.allocUnsafe(FIRST_BYTES);
  }

  #reserve(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2));
    larger.set(this.content());
    this.#bytes = larger;
  }
}
