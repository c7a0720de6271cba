import type { TokenCounts } from '@bonito/protocol';
import type { StreamFrame } from '../../../framing/stream-frame.ts';
import { readJsonRecord } from '../../../metering/read-json-record.ts';
import type { FrameSight, PassMeter } from '../../provider-kind.ts';
import { readUsage } from './read-answer.ts';

/** Names in the headers of the messages that matter, which are never spelled otherwise there. */
const NEEDLES = ['metadata', 'messageStop', ':exception-type', ':error-code'].map((name) =>
  Buffer.from(name),
);

/** Finds usage and the end in a ConverseStream answer that is passed on. */
export class ConverseMeter implements PassMeter {
  figures: TokenCounts | undefined;
  mayClose = false;

  concerns(bytes: Buffer): boolean {
    return NEEDLES.some((needle) => bytes.includes(needle));
  }

  frame(frame: StreamFrame): FrameSight {
    if (frame.exception) return 'error';
    if (frame.event === 'messageStart') return 'opening';
    if (frame.event === 'messageStop') this.mayClose = true;
    if (frame.event !== 'metadata') return frame.event === 'initial-response' ? 'keep-alive' : 'data';
    const metadata = readJsonRecord(frame.data);
    this.figures = readUsage(metadata?.usage, metadata?.serviceTier)?.counts ?? this.figures;
    return this.mayClose ? 'end' : 'data';
  }
}
