/** How much one batch may hold. Bytes are counted before compression. */
export interface BatchLimit {
  records: number;
  bytes: number;
}

/** Records with consecutive numbers, ready to be sent. */
export interface Batch {
  /** The number of the first record. */
  first: number;
  count: number;
  /** The records as JSON, separated by commas. */
  json: Buffer;
  /** Whether there is more to send at once. */
  more: boolean;
}

/** A stream as the uploader sees it, on disk or in memory. */
export interface UploadSource {
  readonly id: string;
  /** Whether there is a record that may be sent now. */
  ready(): boolean;
  /**
   * The next records that were not acknowledged; undefined when there are none. From then on they count as possibly
   * delivered: they keep their numbers and are never collapsed.
   */
  next(limit: BatchLimit): Promise<Batch | undefined>;
  /** Everything below this number is settled at the control plane. */
  acknowledge(next: number): void;
  /**
   * The control plane's mark is this number, below what it acknowledged before: it was put back to an older state. Goes back to
   * there, or to the oldest record that is left. Answers whether there was any to go back to.
   */
  rewind(next: number): boolean;
}
