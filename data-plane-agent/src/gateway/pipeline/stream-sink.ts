import type { UsageErrorCode } from '@bonito/protocol';
import type { ProviderError } from '../chat/provider-error.ts';
import type { ChatEventWriter } from '../surfaces/chat-surface.ts';

/** Where a stream's events go. */
export interface StreamSink {
  /**
   * The commit point: the client is about to see the first model event.
   *
   * @param dropped paths of what the answer said and the client's wire cannot, where that is known by then
   */
  commit(dropped?: readonly string[]): void;
  /** Whether a head was sent, by a commit or by a keep-alive. */
  readonly open: boolean;
  /** False when the client reads too slowly: upstream waits until `resume` is called. */
  write(bytes: Buffer, resume: () => void): boolean;
  end(): void;
  /**
   * Says inside the stream what went wrong, and ends it.
   *
   * @param writer of the stream, where it may have a way of its own to say so
   */
  endWithError(code: UsageErrorCode, writer?: ChatEventWriter): void;
  /** The same for an error in the provider's words. */
  endWithProviderError(error: ProviderError, writer?: ChatEventWriter): void;
}
