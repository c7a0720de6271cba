import type { TokenCounts } from '@bonito/protocol';
import type { OutputPart } from './chat-content.ts';
import type { ProviderError } from './provider-error.ts';
import type { Extra, Original } from './wire.ts';

/** Why a model stopped. `end`: it had said all. */
export type StopReason =
  | 'end'
  | 'stop_sequence'
  | 'length'
  | 'tool_calls'
  | 'content_filter'
  | 'refusal'
  /** The model's window is full. */
  | 'context_full'
  /** The provider paused a long turn; the client sends the answer back to go on (Anthropic's `pause_turn`). */
  | 'pause'
  /** The provider failed, or could not read what its own model made (a malformed call): there is no answer. */
  | 'failed'
  | 'other';

/** The reason, with the provider's own word for it. */
export interface ChatStop {
  readonly reason: StopReason;
  /** The sequence that stopped it, where the wire says which. */
  readonly sequence?: string | undefined;
  /** What the provider says of its failure, where it says something. */
  readonly error?: ProviderError | undefined;
  readonly original: Original;
}

/** What was used, with the provider's own figures as they stood. */
export interface ChatUsage {
  readonly counts: TokenCounts;
  readonly original: Original;
}

/** One of the answers to a request; most requests ask for one. */
export interface ChatChoice {
  readonly index: number;
  readonly content: readonly OutputPart[];
  readonly stop?: ChatStop | undefined;
  readonly extra?: Extra | undefined;
  /** Members of the message inside the choice, on wires that have one. */
  readonly messageExtra?: Extra | undefined;
}

/** A whole answer in no one's language. */
export interface ChatAnswer {
  readonly id: string;
  readonly model: string;
  /** Seconds since 1970. 0 where the provider does not say: the gateway puts its own time there. */
  readonly created: number;
  readonly choices: readonly ChatChoice[];
  readonly usage?: ChatUsage | undefined;
  readonly extra?: Extra | undefined;
}
