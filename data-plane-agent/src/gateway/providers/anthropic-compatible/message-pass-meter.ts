import type { TokenCounts } from '@bonito/protocol';
import { isObject } from '../../chat/wire.ts';
import type { StreamFrame } from '../../framing/stream-frame.ts';
import { mergeAnthropicUsage, readAnthropicUsage } from '../../metering/read-anthropic-usage.ts';
import { readJsonRecord } from '../../metering/read-json-record.ts';
import type { FrameSight, PassMeter } from '../provider-kind.ts';

const USAGE = Buffer.from('"usage"');
const STOP = Buffer.from('message_stop');
const ERROR = Buffer.from('"error"');
const PING = Buffer.from('"ping"');

/** Finds the figures, the end and errors in a stream of a message that is passed on. */
export class MessagePassMeter implements PassMeter {
  readonly mayClose = false;
  figures: TokenCounts | undefined;
  private usage: unknown;

  concerns(bytes: Buffer): boolean {
    return bytes.includes(USAGE) || bytes.includes(STOP) || bytes.includes(ERROR) || bytes.includes(PING);
  }

  frame({ event, data }: StreamFrame): FrameSight {
    if (data.length === 0 || event === 'ping') return 'keep-alive';
    if (event === 'error') return 'error';
    if (!this.concerns(data)) return 'data';
    const value = readJsonRecord(data);
    switch (value?.type) {
      case 'ping':
        return 'keep-alive';
      case 'error':
        return 'error';
      case 'message_stop':
        return 'end';
      case 'message_start': {
        const message = isObject(value.message) ? value.message : {};
        this.count(message.usage);
        return Array.isArray(message.content) && message.content.length > 0 ? 'data' : 'opening';
      }
      case 'message_delta':
        this.count(value.usage);
        return 'data';
      default:
        return 'data';
    }
  }

  private count(usage: unknown): void {
    this.figures = readAnthropicUsage(usage, this.usage) ?? this.figures;
    this.usage = mergeAnthropicUsage(usage, this.usage);
  }
}
