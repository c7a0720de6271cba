import type { TokenCounts, UsageErrorCode } from '@bonito/protocol';
import type { ChatEvent } from '../chat/chat-event.ts';
import type { ProviderError } from '../chat/provider-error.ts';
import type { FrameSplitter, StreamFrame } from '../framing/stream-frame.ts';
import { estimateBytes, estimateTokens } from '../metering/estimate-tokens.ts';
import type { ChatEventReader } from '../providers/provider-kind.ts';
import { type AttemptFailure, failureWithoutAnswer } from '../reliability/attempt-failure.ts';
import { sealEventState } from '../state/seal-answer-state.ts';
import type { StateOwner, StateSeal } from '../state/state-seal.ts';
import type { ChatEventWriter } from '../surfaces/chat-surface.ts';
import { type AnswerIdentity, withIdentity } from './answer-identity.ts';
import type { AnswerReader, ExchangeControl } from './answer-reader.ts';
import { errorOfStop } from './failed-stop.ts';
import type { StreamSink } from './stream-sink.ts';

/** What a stream is translated with. */
export interface TranslationParts {
  readonly control: ExchangeControl;
  readonly outlet: StreamSink;
  readonly splitter: FrameSplitter;
  readonly reader: ChatEventReader;
  readonly writer: ChatEventWriter;
  readonly seal: StateSeal;
  readonly owner: StateOwner;
  /** What an error inside the stream means while nothing of the answer was seen. */
  readonly failureOf: (error: ProviderError) => AttemptFailure;
  /** Of the request, for estimates. */
  readonly inputBytes: number;
  /** For providers that do not say it themselves. */
  readonly missing: AnswerIdentity;
}

const STOPPED: ChatEvent = {
  type: 'stop',
  choice: 0,
  stop: { reason: 'end', original: { wire: 'openai-chat', value: 'stop' } },
};

/** Events that a client sees something of: the first one is the commit point. */
const VISIBLE: ReadonlySet<ChatEvent['type']> = new Set([
  'text',
  'reasoning',
  'refusal',
  'reasoning_state',
  'citation',
  'media',
  'tool_call',
  'tool_arguments',
  'stop',
]);

/**
 * Translates a stream, frame by frame: what a frame says leaves before the next one is looked at. What the client's wire
 * opens with waits for the first visible event, so that until then another target may still answer.
 */
export class TranslatedStreamReader implements AnswerReader {
  private readonly parts: TranslationParts;
  private committed = false;
  private stopped = false;
  private failed: ProviderError | undefined;
  private over = false;
  private figures: TokenCounts | undefined;
  private outputTokens = 0;
  private pending: Buffer[] = [];
  private readonly resume = () => this.parts.control.resume();

  constructor(parts: TranslationParts) {
    this.parts = parts;
  }

  data(chunk: Buffer): void {
    try {
      this.takeFrames(this.parts.splitter.push(chunk));
    } catch {
      this.malformed();
    }
  }

  end(): void {
    try {
      this.takeFrames(this.parts.splitter.end());
      if (!this.over) this.takeEvents(this.parts.reader.end());
    } catch {
      this.malformed();
      return;
    }
    if (!this.over) this.broken('stream_interrupted');
  }

  broken(code: UsageErrorCode): void {
    if (this.over) return;
    this.over = true;
    const { control, outlet, writer } = this.parts;
    const outcome = code === 'client_closed' ? 'cancelled' : 'error';
    // What came before goes before.
    this.flush();
    if (this.committed) outlet.endWithError(code, writer);
    const failure = this.committed ? undefined : failureWithoutAnswer(code);
    control.finish({ outcome, code, ...this.result(), failure });
  }

  private malformed(): void {
    this.broken('provider_answer_malformed');
  }

  private takeFrames(frames: readonly StreamFrame[]): void {
    for (const frame of frames) {
      if (this.over) return;
      this.takeEvents(this.parts.reader.read(frame));
    }
    if (!this.over) this.flush();
  }

  private takeEvents(events: readonly ChatEvent[]): void {
    for (const event of events) {
      this.take(event);
      if (this.over) return;
    }
  }

  private take(event: ChatEvent): void {
    if (event.type === 'error') return this.fail(event.error);
    if (event.type === 'end') return this.finish();
    if (event.type === 'usage') this.figures = event.usage.counts;
    if (event.type === 'stop') {
      this.failed ??= errorOfStop(event.stop);
      // The figures may come yet.
      if (this.failed) return;
      this.stopped = true;
    }
    if ('text' in event) this.outputTokens += Math.max(1, estimateBytes(event.text.length));
    if (!this.committed && VISIBLE.has(event.type)) this.commit();
    this.write(this.prepare(event));
  }

  private prepare(event: ChatEvent): ChatEvent {
    if (event.type === 'start') {
      if (event.usage) this.figures ??= event.usage.counts;
      return withIdentity(event, this.parts.missing);
    }
    return sealEventState(event, this.parts.seal, this.parts.owner);
  }

  private write(event: ChatEvent): void {
    const bytes = this.parts.writer.write(event);
    if (bytes) this.pending.push(bytes);
  }

  private commit(): void {
    this.committed = true;
    this.parts.outlet.commit();
  }

  private flush(): void {
    const [first] = this.pending;
    if (!this.committed || !first) return;
    const bytes = this.pending.length === 1 ? first : Buffer.concat(this.pending);
    this.pending = [];
    if (!this.parts.outlet.write(bytes, this.resume)) this.parts.control.pause();
  }

  /**
   * The provider says that its answer is complete. Where it named no reason for it, as some servers do, the client still gets
   * one: its API promises it. An answer that said nothing at all is none.
   */
  private finish(): void {
    if (this.failed) return this.fail(this.failed);
    if (!this.stopped) {
      if (!this.committed) return this.broken('stream_interrupted');
      this.write(STOPPED);
    }
    const last = this.parts.writer.end();
    if (last) this.pending.push(last);
    this.flush();
    this.over = true;
    this.parts.outlet.end();
    this.parts.control.finish({ outcome: 'success', code: null, ...this.result(), failure: undefined }, true);
  }

  private fail(error: ProviderError): void {
    const { control, outlet, writer, failureOf } = this.parts;
    const failure = failureOf(error);
    this.flush();
    this.over = true;
    if (this.committed) outlet.endWithProviderError(error, writer);
    control.finish({
      outcome: 'error',
      code: failure.code,
      ...this.result(),
      failure: this.committed ? undefined : failure,
    });
  }

  private result() {
    if (this.figures) return { tokens: this.figures, quality: 'exact' } as const;
    const tokens = this.committed ? estimateTokens(this.parts.inputBytes, this.outputTokens) : {};
    return { tokens, quality: 'estimated' } as const;
  }
}
