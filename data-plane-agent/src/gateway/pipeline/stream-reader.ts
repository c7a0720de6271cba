import type { UsageErrorCode } from '@bonito/protocol';
import { isRecord, readJsonRecord } from '../metering/read-json-record.ts';
import type { StreamMeter } from '../metering/stream-meter.ts';
import { failureOfAnswer, failureWithoutAnswer } from '../reliability/attempt-failure.ts';
import type { SseEvent } from '../sse/sse-event.ts';
import { SseSplitter } from '../sse/sse-splitter.ts';
import type { AnswerReader, ExchangeControl } from './answer-reader.ts';
import type { AnswerHead } from './upstream-exchange.ts';

const LINE_FEED = 0x0a;
const DONE = Buffer.from('[DONE]');
const ERROR = Buffer.from('"error"');

/** Where a stream's events go. */
export interface StreamSink {
  /** The commit point: the client is about to see the first model event. */
  commit(): void;
  /** Whether a head was sent, by a commit or by a keep-alive comment. */
  readonly open: boolean;
  /** False when the client reads too slowly: upstream waits until `resume` is called. */
  write(bytes: Buffer, resume: () => void): boolean;
  end(): void;
  /** Says inside the stream what went wrong, and ends it. */
  endWithError(code: UsageErrorCode): void;
}

/**
 * Passes a stream of the same wire on, event by event, without parsing events: whole events in a chunk that holds nothing
 * of interest go through as one piece.
 */
export class StreamReader implements AnswerReader {
  private readonly head: AnswerHead;
  private readonly control: ExchangeControl;
  private readonly outlet: StreamSink;
  private readonly meter: StreamMeter;
  private readonly splitter: SseSplitter;
  private readonly now: number;
  private committed = false;
  private failed = false;
  /** The last chunk ended with its last event, so that the next one begins with one. */
  private atBoundary = false;
  private readonly resume = () => this.control.resume();

  /** @param limits the largest event, and the moment that the head came, in milliseconds since 1970 */
  constructor(
    head: AnswerHead,
    control: ExchangeControl,
    outlet: StreamSink,
    meter: StreamMeter,
    limits: { eventBytes: number; now: number },
  ) {
    this.head = head;
    this.control = control;
    this.outlet = outlet;
    this.meter = meter;
    this.splitter = new SseSplitter(limits.eventBytes);
    this.now = limits.now;
  }

  data(chunk: Buffer): void {
    const wholeEvents = this.atBoundary && this.committed;
    this.atBoundary = chunk[chunk.length - 1] === LINE_FEED && chunk[chunk.length - 2] === LINE_FEED;
    if (wholeEvents && this.atBoundary && !this.concerns(chunk)) {
      this.meter.countEvents(chunk);
      this.write(chunk);
      return;
    }
    let events: SseEvent[];
    try {
      events = this.splitter.push(chunk);
    } catch {
      this.broken('provider_answer_malformed');
      return;
    }
    this.take(events);
  }

  end(): void {
    let events: SseEvent[];
    try {
      events = this.splitter.end().filter((event) => event.complete);
    } catch {
      this.broken('provider_answer_malformed');
      return;
    }
    if (this.take(events)) return;
    // A stream says itself that it is complete. One that just stops may have been cut off by anything in between.
    this.broken('stream_interrupted');
  }

  broken(code: UsageErrorCode): void {
    const cancelled = code === 'client_closed';
    const outcome = cancelled ? 'cancelled' : 'error';
    if (this.committed) {
      // After an error that the provider reported itself, a second one would only blur it.
      if (this.failed) this.outlet.end();
      else this.outlet.endWithError(code);
      const reason = this.failed ? 'provider_error' : code;
      this.control.finish({ outcome, code: reason, ...this.meter.result(), failure: undefined });
    } else {
      this.control.finish({ outcome, code, ...this.meter.result(), failure: failureWithoutAnswer(code) });
    }
  }

  /** True when the attempt is over. */
  private take(events: readonly SseEvent[]): boolean {
    const visible: Buffer[] = [];
    let done = false;
    for (const event of events) {
      if (event.data?.equals(DONE)) {
        if (!this.committed) this.commit();
        visible.push(event.bytes);
        done = true;
        break;
      }
      if (this.reportsError(event)) {
        if (!this.committed) return this.failBeforeCommit(event);
        this.failed = true;
      } else if (!this.passes(event)) continue;
      visible.push(event.bytes);
    }
    const [first] = visible;
    if (first) this.write(visible.length === 1 ? first : Buffer.concat(visible));
    if (done) this.finishWell();
    return done;
  }

  /** Whether the client sees the event. The first one with data is the commit point. */
  private passes(event: SseEvent): boolean {
    // Comments are no events: they neither commit nor force a head that could still become an error's.
    if (!event.data) return this.outlet.open;
    if (!this.meter.event(event)) return false;
    if (!this.committed) this.commit();
    return true;
  }

  private commit(): void {
    this.committed = true;
    this.outlet.commit();
  }

  private write(bytes: Buffer): void {
    if (!this.outlet.write(bytes, this.resume)) this.control.pause();
  }

  private finishWell(): void {
    this.outlet.end();
    const result = this.meter.result();
    const [outcome, code] = this.failed
      ? (['error', 'provider_error'] as const)
      : (['success', null] as const);
    this.control.finish({ outcome, code, ...result, failure: undefined }, true);
  }

  private concerns(chunk: Buffer): boolean {
    return chunk.includes(DONE) || chunk.includes(ERROR) || this.meter.concerns(chunk);
  }

  private reportsError(event: SseEvent): boolean {
    if (!event.data) return false;
    if (event.event === 'error') return true;
    return event.data.includes(ERROR) && isRecord(readJsonRecord(event.data)?.error);
  }

  /** The provider answered 200 and then an error: nothing was seen of it, so it counts like an error's status. */
  private failBeforeCommit(event: SseEvent): true {
    const failure = failureOfAnswer(
      {
        status: errorStatus(event.data),
        headers: { ...this.head.headers, 'content-type': 'application/json' },
        body: Buffer.from(event.data ?? []),
      },
      this.now,
    );
    this.control.finish({ outcome: 'error', code: failure.code, tokens: {}, quality: 'exact', failure });
    return true;
  }
}

/** Servers put the status that they could no longer send into the error's `code`. */
function errorStatus(data: Buffer | undefined): number {
  const error = data && readJsonRecord(data)?.error;
  const code = isRecord(error) ? Number(error.code) : Number.NaN;
  return Number.isInteger(code) && code >= 400 && code <= 599 ? code : 502;
}
