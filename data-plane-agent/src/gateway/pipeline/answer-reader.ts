import type { Outcome, TokenCounts, UsageErrorCode } from '@bonito/protocol';
import type { AttemptFailure, ProviderAnswer } from '../reliability/attempt-failure.ts';

/** How one attempt ended. */
export interface AttemptEnd {
  readonly outcome: Outcome;
  readonly code: UsageErrorCode | null;
  readonly tokens: TokenCounts;
  readonly quality: 'exact' | 'estimated' | 'unknown';
  /** Undefined when the client has its answer, whatever became of it; otherwise nothing of it was seen. */
  readonly failure: AttemptFailure | undefined;
}

/** What a reader may do with the exchange that feeds it. */
export interface ExchangeControl {
  /** The attempt is over; the first call counts. What still comes from upstream is cut off unless `drain` is set. */
  finish(end: AttemptEnd, drain?: boolean): void;
  /** Asks upstream to wait until `resume`. */
  pause(): void;
  resume(): void;
}

/** Says what an answer with an error means: for readers that meet one. */
export interface JudgeAnswer {
  failureOf(answer: ProviderAnswer): AttemptFailure;
  /** The same of an error that came with a good status, or after it: it gets the one that the client's API has for it. */
  failureInside(answer: Omit<ProviderAnswer, 'status'>): AttemptFailure;
}

/** Takes in one kind of answer. Exactly one of `end`, `broken` is called last, or nothing when it finished itself. */
export interface AnswerReader {
  data(chunk: Buffer): void;
  /** The answer came to its proper end. */
  end(): void;
  /** The answer broke off, took too long, or was cancelled: `client_closed` and `gateway_stopping` come here too. */
  broken(code: UsageErrorCode): void;
}
