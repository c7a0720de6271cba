/** One message of a streamed answer, without what frames it: an SSE event with data, or an AWS event-stream message. */
export interface StreamFrame {
  /** The SSE event's name, or the message's `:event-type`; for an exception its `:exception-type`. */
  readonly event: string | undefined;
  /** An AWS exception or error message: what came after it does not count. */
  readonly exception: boolean;
  readonly data: Buffer;
  /** As it came, with its frame: those of all frames in a row are the stream. Set by every splitter. */
  readonly bytes?: Buffer | undefined;
}

/** How an answer is cut into frames. Made anew for each answer. */
export interface FrameSplitter {
  /**
   * The frames that this chunk completes.
   *
   * @throws FramingError
   */
  push(chunk: Buffer): StreamFrame[];
  /** What is left at the end of the answer. */
  end(): StreamFrame[];
}

/** The bytes are not what the framing says: a bad checksum, a frame that is too large, one that is cut off. */
export class FramingError extends Error {
  override readonly name = 'FramingError';
}

/** How answers are framed on the wire. `sse`: the WHATWG event stream. `aws`: application/vnd.amazon.eventstream. */
export type Framing = 'sse' | 'aws';
