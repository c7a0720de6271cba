import type { UsageErrorCode } from '@bonito/protocol';
import type { FrameSplitter, StreamFrame } from '../framing/stream-frame.ts';
import { estimateTokens } from '../metering/estimate-tokens.ts';
import { StreamEstimate } from '../metering/stream-estimate.ts';
import type { PassDialect, PassMeter } from '../providers/provider-kind.ts';
import { failureWithoutAnswer } from '../reliability/attempt-failure.ts';
import type { AnswerReader, ExchangeControl, JudgeAnswer } from './answer-reader.ts';
import type { StreamSink } from './stream-sink.ts';
import type { AnswerHead } from './upstream-exchange.ts';

const LINE_FEED = 0x0a;

/** What a stream is passed on with. */
export interface StreamReaderParts {
  readonly head: AnswerHead;
  readonly control: ExchangeControl;
  readonly outlet: StreamSink;
  readonly judge: JudgeAnswer;
  readonly dialect: PassDialect;
  readonly meter: PassMeter;
  readonly splitter: FrameSplitter;
  /** Of the request, for estimates. */
  readonly inputBytes: number;
  /** Changes whole frames on their way out; undefined where they stay as they are, as nearly always. */
  readonly rewrite: ((bytes: Buffer) => Buffer) | undefined;
}

/**
 * Passes a stream of the same wire on, frame by frame, without parsing frames: whole events in a chunk that holds nothing
 * of interest go through as one piece.
 */
export class StreamReader implements AnswerReader {
  private readonly parts: StreamReaderParts;
  private readonly estimate = new StreamEstimate();
  /** Whether whole events may be told by the bytes at a chunk's end. */
  private readonly endsInBlankLine: boolean;
  private committed = false;
  /** What opens the stream, until there is a model event. */
  private opening: Buffer[] = [];
  private failed = false;
  /** The last chunk ended with its last event, so that the next one begins with one. */
  private atBoundary = false;
  private readonly resume = () => this.parts.control.resume();

  constructor(parts: StreamReaderParts) {
    this.parts = parts;
    this.endsInBlankLine = parts.dialect.framing === 'sse';
  }

  data(chunk: Buffer): void {
    if (this.endsInBlankLine) {
      const wholeEvents = this.atBoundary && this.committed;
      this.atBoundary = chunk[chunk.length - 1] === LINE_FEED && chunk[chunk.length - 2] === LINE_FEED;
      if (wholeEvents && this.atBoundary && !this.parts.meter.concerns(chunk)) {
        this.estimate.countEvents(chunk);
        this.write(chunk);
        return;
      }
    }
    let frames: StreamFrame[];
    try {
      frames = this.parts.splitter.push(chunk);
    } catch {
      this.broken('provider_answer_malformed');
      return;
    }
    this.take(frames);
  }

  end(): void {
    let frames: StreamFrame[];
    try {
      frames = this.parts.splitter.end();
    } catch {
      this.broken('provider_answer_malformed');
      return;
    }
    if (this.take(frames)) return;
    // A stream says itself that it is complete. One that just stops may have been cut off by anything in between.
    if (this.parts.meter.mayClose && this.committed) this.finishWell();
    else this.broken('stream_interrupted');
  }

  broken(code: UsageErrorCode): void {
    const { control, outlet } = this.parts;
    const outcome = code === 'client_closed' ? 'cancelled' : 'error';
    if (this.committed) {
      // After an error that the provider reported itself, a second one would only blur it.
      if (this.failed) outlet.end();
      else outlet.endWithError(code);
      const reason = this.failed ? 'provider_error' : code;
      control.finish({ outcome, code: reason, ...this.result(), failure: undefined });
    } else {
      control.finish({ outcome, code, ...this.result(), failure: failureWithoutAnswer(code) });
    }
  }

  /** True when the attempt is over. */
  private take(frames: readonly StreamFrame[]): boolean {
    const { dialect, meter } = this.parts;
    const visible: Buffer[] = [];
    let done = false;
    for (const raw of frames) {
      const frame = dialect.unwrap ? dialect.unwrap(raw) : raw;
      if (!frame) continue;
      const sight = meter.frame(frame);
      if (sight === 'hidden' || (sight === 'keep-alive' && !this.parts.outlet.open)) continue;
      if (sight === 'error' && !this.committed) return this.failBeforeCommit(frame);
      if (sight === 'data') this.estimate.count(frame.data.length);
      if (sight === 'error') this.failed = true;
      const bytes = dialect.unwrap ? asServerSentEvent(frame) : (frame.bytes ?? frame.data);
      if (sight === 'opening' && !this.committed) {
        this.opening.push(bytes);
        continue;
      }
      // Comments are no events: they neither commit nor force a head that could still become an error's.
      if (!this.committed && sight !== 'keep-alive') {
        this.commit();
        visible.push(...this.opening);
        this.opening = [];
      }
      visible.push(bytes);
      if (sight === 'end') {
        done = true;
        break;
      }
    }
    const [first] = visible;
    if (first) this.write(visible.length === 1 ? first : Buffer.concat(visible));
    if (done) this.finishWell();
    return done;
  }

  private commit(): void {
    this.committed = true;
    this.parts.outlet.commit();
  }

  private write(bytes: Buffer): void {
    const { outlet, rewrite, control } = this.parts;
    if (!outlet.write(rewrite ? rewrite(bytes) : bytes, this.resume)) control.pause();
  }

  private finishWell(): void {
    this.parts.outlet.end();
    const [outcome, code] = this.failed
      ? (['error', 'provider_error'] as const)
      : (['success', null] as const);
    this.parts.control.finish({ outcome, code, ...this.result(), failure: undefined }, true);
  }

  private result() {
    const { figures } = this.parts.meter;
    if (figures) return { tokens: figures, quality: 'exact' } as const;
    const { dialect, inputBytes } = this.parts;
    const tokens = dialect.media?.answer ? estimateTokens(inputBytes, 0) : this.estimate.tokens(inputBytes);
    return { tokens, quality: 'estimated' } as const;
  }

  /** The provider answered 200 and then an error: nothing was seen of it, so it counts like an error's status. */
  private failBeforeCommit(frame: StreamFrame): true {
    const { head, judge, control, dialect } = this.parts;
    const headers = {
      ...head.headers,
      'content-type': 'application/json',
      // Inside AWS's event stream the exception's name is the frame's, in an answer it is a header.
      ...(frame.exception && { 'x-amzn-errortype': frame.event }),
    };
    const known = dialect.errorAnswer?.(frame.data);
    const failure = known
      ? judge.failureOf({ ...known, headers })
      : judge.failureInside({ headers, body: Buffer.from(frame.data) });
    control.finish({ outcome: 'error', code: failure.code, tokens: {}, quality: 'exact', failure });
    return true;
  }
}

function asServerSentEvent({ event, data }: StreamFrame): Buffer {
  return Buffer.from(`${event === undefined ? '' : `event: ${event}\n`}data: ${data.toString()}\n\n`);
}
