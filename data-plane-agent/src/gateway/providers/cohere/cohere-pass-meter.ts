import type { TokenCounts } from '@bonito/protocol';
import { isObject } from '../../chat/wire.ts';
import type { StreamFrame } from '../../framing/stream-frame.ts';
import { readCohereUsage } from '../../metering/read-cohere-usage.ts';
import { readJsonRecord } from '../../metering/read-json-record.ts';
import type { FrameSight, PassMeter } from '../provider-kind.ts';

const END = Buffer.from('"message-end"');

/** Finds the figures and the end in a stream that is passed on: both stand in `message-end`. */
export class CoherePassMeter implements PassMeter {
  figures: TokenCounts | undefined;
  readonly mayClose = false;

  concerns(bytes: Buffer): boolean {
    return bytes.includes(END);
  }

  frame({ data }: StreamFrame): FrameSight {
    if (data.length === 0) return 'keep-alive';
    const event = data.includes(END) ? readJsonRecord(data) : undefined;
    if (event?.type !== 'message-end') return 'data';
    const delta = isObject(event.delta) ? event.delta : {};
    this.figures = readCohereUsage(delta.usage) ?? this.figures;
    return delta.error === undefined && delta.finish_reason !== 'ERROR' ? 'end' : 'error';
  }
}
