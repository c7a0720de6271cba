import type { UsageErrorCode } from '@bonito/protocol';
import type { ProviderError } from '../chat/provider-error.ts';
import { SseFrameSplitter } from '../framing/sse-frame-splitter.ts';
import type { StreamSink } from './stream-sink.ts';

const OPEN = Buffer.from('[');
const NEXT = Buffer.from(',\r\n');
const CLOSE = Buffer.from(']');

/** A stream's sink whose end can say something more. */
export interface ClosingSink extends StreamSink {
  endWith(bytes: Buffer): void;
  /** The body of an error as the client's API has it. */
  errorBody(error: UsageErrorCode | ProviderError): Buffer;
}

/**
 * Events as the elements of one JSON array: what Google's `:streamGenerateContent` answers without `alt=sse`. Upstream is always
 * asked for events, since only those can be told apart at once.
 */
export class JsonArrayOutlet implements StreamSink {
  private readonly inner: ClosingSink;
  private readonly splitter: SseFrameSplitter;
  private begun = false;

  constructor(inner: ClosingSink, limitBytes: number) {
    this.inner = inner;
    this.splitter = new SseFrameSplitter(limitBytes);
  }

  get open(): boolean {
    return this.inner.open;
  }

  commit(dropped?: readonly string[]): void {
    this.inner.commit(dropped);
  }

  write(bytes: Buffer, resume: () => void): boolean {
    const pieces = this.splitter
      .push(bytes)
      .filter(({ data }) => data.length > 0)
      .flatMap(({ data }) => [this.separator(), data]);
    return pieces.length === 0 || this.inner.write(Buffer.concat(pieces), resume);
  }

  end(): void {
    this.inner.endWith(this.begun ? CLOSE : Buffer.concat([OPEN, CLOSE]));
  }

  endWithError(code: UsageErrorCode): void {
    this.endWithBody(this.inner.errorBody(code));
  }

  endWithProviderError(error: ProviderError): void {
    this.endWithBody(this.inner.errorBody(error));
  }

  private endWithBody(body: Buffer): void {
    this.inner.endWith(Buffer.concat([this.separator(), body, CLOSE]));
  }

  private separator(): Buffer {
    const separator = this.begun ? NEXT : OPEN;
    this.begun = true;
    return separator;
  }
}
