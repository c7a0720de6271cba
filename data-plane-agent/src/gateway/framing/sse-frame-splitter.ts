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
    return this.splitter.end().flatMap((event) => {
      if (event.complete) return [toFrame(event)];
      return (event.data === undefined && plainError(event.bytes)) || [];
    });
  }
}

function toFrame({ event, data, bytes }: SseEvent): StreamFrame {
  if (data !== undefined) return { event, exception: false, data, bytes };
  return plainError(bytes) ?? { event, exception: false, data: NOTHING, bytes };
}

/**
 * An error that stands in the stream as the body of an error answer would, and in no event: so Google ends streams that it
 * sheds.
 */
function plainError(bytes: Buffer): StreamFrame | undefined {
  const text = bytes.includes('"error"') ? bytes.toString().trim() : '';
  if (!text.startsWith('{') && !text.startsWith('[')) return undefined;
  try {
    const data = Buffer.from(JSON.stringify(JSON.parse(text)));
    return { event: undefined, exception: false, data, bytes: Buffer.from(`data: ${data}\n\n`) };
  } catch {
    return undefined;
  }
}
