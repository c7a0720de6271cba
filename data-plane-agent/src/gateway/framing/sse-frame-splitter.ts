import type { SseEvent } from '../sse/sse-event.ts';
import { SseSplitter } from '../sse/sse-splitter.ts';
import type { FrameSplitter, StreamFrame } from './stream-frame.ts';

const NOTHING = Buffer.alloc(0);

/** The events of an SSE stream as frames. A block without data (comments, a lone `retry`) is a frame without data. */
export class SseFrameSplitter implements FrameSplitter {
  private readonly splitter: SseSplitter;

  constructor(limitBytes: number) {
    this.splitter = new SseSplitter(limitBytes);
  }

  push(chunk: Buffer): StreamFrame[] {
    return this.splitter.push(chunk).map(toFrame);
  }

  /** By the standard, what stands behind the last blank line is no event. */
  end(): StreamFrame[] {
    return this.splitter
      .end()
      .filter((event) => event.complete)
      .map(toFrame);
  }
}

function toFrame({ event, data, bytes }: SseEvent): StreamFrame {
  return { event, exception: false, data: data ?? NOTHING, bytes };
}
