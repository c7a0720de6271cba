import type { TokenCounts } from '@bonito/protocol';
import { estimateEvent, estimateTokens } from './estimate-tokens.ts';

const BLANK_LINE = Buffer.from('\n\n');
/** `data: ` in front of an event's text and the blank line behind it. */
const FRAME_BYTES = 8;

/** Estimates what a stream uses, from the sizes of its events, for providers that give no figures. */
export class StreamEstimate {
  private outputTokens = 0;
  private smallestEventBytes = Number.POSITIVE_INFINITY;

  /** One event, by the bytes of its data. */
  count(bytes: number): void {
    if (bytes < this.smallestEventBytes) this.smallestEventBytes = bytes;
    this.outputTokens += estimateEvent(bytes, this.smallestEventBytes);
  }

  /** Whole events of an SSE stream at once. */
  countEvents(bytes: Buffer): void {
    let start = 0;
    for (let end = bytes.indexOf(BLANK_LINE); end !== -1; end = bytes.indexOf(BLANK_LINE, start)) {
      this.count(end + BLANK_LINE.length - start - FRAME_BYTES);
      start = end + BLANK_LINE.length;
    }
  }

  tokens(inputBytes: number): TokenCounts {
    return estimateTokens(inputBytes, this.outputTokens);
  }
}
