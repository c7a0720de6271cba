/** One block of an event stream, up to and with the blank line that ends it. */
export interface SseEvent {
  /** As it came, separator included: all events' bytes in a row are the stream. */
  readonly bytes: Buffer;
  /** The `data` lines joined with a line feed; undefined when the block has none. */
  readonly data: Buffer | undefined;
  /** The event's name; undefined when it has none or an empty one. */
  readonly event: string | undefined;
  /** The block holds comment lines and no field: a keep-alive. */
  readonly comment: boolean;
  /** False for what stood behind the last blank line when the stream ended; by the standard it is no event. */
  readonly complete: boolean;
}
