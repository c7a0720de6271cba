/** Pieces are this much larger than what they are first needed for: sections of one kind differ by a few percent. */
const SPARE = 1.25;

/**
 * Memory for sections that are fetched one after the other. What a section was read into is used again for a later one, so
 * that a large configuration is not ten megabytes of garbage, which would bring a full collection while requests wait.
 */
export class SectionMemory {
  readonly #lent = new Set<ArrayBufferLike>();
  readonly #free: ArrayBufferLike[] = [];

  /** At least so many bytes, with anything in them. */
  lend(bytes: number): Buffer {
    const fitting = this.#free.findIndex((free) => free.byteLength >= bytes);
    const [memory = new ArrayBuffer(Math.ceil(bytes * SPARE))] =
      fitting < 0 ? [] : this.#free.splice(fitting, 1);
    this.#lent.add(memory);
    return Buffer.from(memory);
  }

  /** What lies in the same memory must not be looked at any more. Bytes that were not lent are left alone. */
  takeBack(bytes: Uint8Array): void {
    if (this.#lent.delete(bytes.buffer)) this.#free.push(bytes.buffer);
  }
}
