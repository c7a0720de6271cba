import type { AnswerEvent } from './answer.ts';

/** How the events of one wire's stream stand in bytes. */
export interface Framing {
  contentType: string;
  /** `index` counts from 0. */
  frame(event: AnswerEvent, index: number): string | Buffer;
  /** What follows the last event; absent where the last event itself is the end. */
  end?: string;
  /** An error after a 200, and all that still follows it. `status` is the one that it stands for. */
  fail(status: number | undefined, index: number): string | Buffer;
  /** The event with a wrong checksum, where there are checksums. */
  spoilChecksum?(event: AnswerEvent): Buffer;
}
