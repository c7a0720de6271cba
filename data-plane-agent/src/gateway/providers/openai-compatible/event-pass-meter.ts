import type { TokenCounts } from '@bonito/protocol';
import type { StreamFrame } from '../../framing/stream-frame.ts';
import { isRecord, readJsonRecord } from '../../metering/read-json-record.ts';
import { type MediaOutput, readMediaUsage } from '../../metering/read-media-usage.ts';
import type { FrameSight, PassMeter } from '../provider-kind.ts';

const END = /\.(?:completed|done)$/;

/**
 * Streams of pictures, transcripts and speech: events with a `type`, the last of which ends in `.completed` or `.done` and
 * holds the figures. They end by closing; a last event that is missing was cut off. Other servers send chunks like those of
 * chat, with `[DONE]` at the end.
 */
export class EventPassMeter implements PassMeter {
  figures: TokenCounts | undefined;
  mayClose = false;
  private readonly output: MediaOutput;

  constructor(output: MediaOutput = 'text') {
    this.output = output;
  }

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
    if (isRecord(value?.error)) return 'error';
    if (typeof value?.type === 'string' && END.test(value.type)) this.mayClose = true;
    this.figures = readMediaUsage(value?.usage, this.output) ?? this.figures;
    return 'data';
  }
}

const DONE = Buffer.from('[DONE]');
