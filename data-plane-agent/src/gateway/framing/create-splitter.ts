import { AwsEventSplitter } from './aws-event-splitter.ts';
import { SseFrameSplitter } from './sse-frame-splitter.ts';
import type { FrameSplitter, Framing } from './stream-frame.ts';

/**
 * A splitter for one answer.
 *
 * @param limitBytes the largest frame
 */
export function createSplitter(framing: Framing, limitBytes: number): FrameSplitter {
  return framing === 'sse' ? new SseFrameSplitter(limitBytes) : new AwsEventSplitter(limitBytes);
}
