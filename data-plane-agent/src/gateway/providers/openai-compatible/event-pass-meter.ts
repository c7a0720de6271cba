import type { TokenCounts } from '@bonito/protocol';
import type { StreamFrame } from '../../framing/stream-frame.ts';
import { readJsonRecord } from '../../metering/read-json-record.ts';
import { readOpenAiUsage } from '../../metering/read-openai-usage.ts';
import type { FrameSight, PassMeter } from '../provider-kind.ts';

const END = /\.(?:completed|done)$/;

/**
 * Streams of pictures, transcripts and speech: events with a `type`, the last of which ends in `.completed` or `.done` and
 * holds the figures. They end by closing; a last event that is missing was cut off.
 */
export class EventPassMeter implements PassMeter {
  figures: TokenCounts | undefined;
  mayClose = false;

  /** Events are large and few: all are looked at. */
  concerns(): boolean {
    return true;
  }

  frame({ event, data }: StreamFrame): FrameSight {
    if (data.length === 0) return 'keep-alive';
    if (event === 'error') return 'error';
    if (data.equals(DONE)) return 'end';
    const value = readJsonRecord(data);
    if (value?.type === 'error') return 'error';
    if (typeof value?.type === 'string' && END.test(value.type)) {
      this.mayClose = true;
      this.figures = readOpenAiUsage(value.usage) ?? this.figures;
    }
    return 'data';
  }
}

const DONE = Buffer.from('[DONE]');
