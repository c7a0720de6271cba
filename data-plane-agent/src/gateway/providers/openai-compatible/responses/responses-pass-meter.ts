import type { TokenCounts } from '@bonito/protocol';
import { isObject, type JsonObject } from '../../../chat/wire.ts';
import type { StreamFrame } from '../../../framing/stream-frame.ts';
import { readJsonRecord } from '../../../metering/read-json-record.ts';
import { readOpenAiUsage } from '../../../metering/read-openai-usage.ts';
import { noteServed } from '../../../metering/served-as.ts';
import type { FrameSight, PassMeter } from '../../provider-kind.ts';

/** What a frame has to hold somewhere, in its name or in its data, to be one of those that are looked at. */
const MARKS = ['response.completed', 'response.incomplete', 'response.failed', 'error', 'keepalive'].map(
  (mark) => Buffer.from(mark),
);

/** The types of events that say more than that there is an answer. */
const SIGHTS: ReadonlyMap<unknown, FrameSight> = new Map([
  ['response.completed', 'end'],
  ['response.incomplete', 'end'],
  ['response.failed', 'error'],
  ['error', 'error'],
  ['keepalive', 'keep-alive'],
]);

/** An error in the words of the chat wire, which servers and what stands before them send here too. */
function isNamelessError(value: JsonObject | undefined): boolean {
  return value?.type === undefined && (isObject(value?.error) || typeof value?.error === 'string');
}

/** Events that come before the model has said anything. */
const OPENING: ReadonlySet<unknown> = new Set([
  'response.created',
  'response.in_progress',
  'response.queued',
]);
const OPENING_MARKS = [...OPENING].map((mark) => Buffer.from(`"${mark}"`));

/**
 * Finds the figures, the end and errors in a stream of the Responses API that is passed on. Its last event holds the whole
 * response with its usage, also where that failed.
 */
export class ResponsesPassMeter implements PassMeter {
  figures: TokenCounts | undefined;
  readonly mayClose = false;

  concerns(bytes: Buffer): boolean {
    return MARKS.some((mark) => bytes.includes(mark));
  }

  frame({ event, data }: StreamFrame): FrameSight {
    if (data.length === 0) return 'keep-alive';
    if (event === 'error') return 'error';
    if (event !== undefined && OPENING.has(event)) return 'opening';
    const nameless = event === undefined && OPENING_MARKS.some((mark) => data.includes(mark));
    if (!nameless && !this.concerns(data)) return SIGHTS.get(event) ?? 'data';
    const value = readJsonRecord(data);
    if (event === undefined && OPENING.has(value?.type)) return 'opening';
    const sight = SIGHTS.get(value?.type ?? event);
    if (sight === undefined) return isNamelessError(value) ? 'error' : 'data';
    const response = value?.response;
    if (isObject(response)) {
      this.figures = noteServed(readOpenAiUsage(response.usage), response.service_tier) ?? this.figures;
    }
    return sight;
  }
}
