import type { ChatStop, ChatUsage } from './chat-answer.ts';
import type { AudioPart, Citation, ImagePart } from './chat-content.ts';
import type { ProviderError } from './provider-error.ts';
import type { Extra, Opaque, Original } from './wire.ts';

/** Begins the stream; comes once, before all others. */
export interface StartEvent {
  readonly type: 'start';
  readonly id: string;
  readonly model: string;
  /** Seconds since 1970. 0 where the provider does not say: the gateway puts its own time there. */
  readonly created: number;
  /** What the provider knows of usage before the first word; the wires that open with usage show it. */
  readonly usage?: ChatUsage | undefined;
  /** What the first piece of the stream held besides; servers repeat it in each. */
  readonly extra?: Extra | undefined;
}

/** More text of one kind for one choice. */
export interface DeltaEvent {
  readonly type: 'text' | 'reasoning' | 'refusal';
  readonly choice: number;
  readonly text: string;
  /** Of reasoning: a summary made for people. */
  readonly summary?: boolean | undefined;
}

/**
 * The part that the last deltas of the choice belong to is complete: text that follows begins a part of its own. Needed
 * only between two parts of the same type; a change of type says it by itself.
 */
export interface PartEndEvent {
  readonly type: 'part_end';
  readonly choice: number;
}

/** Completes the current reasoning part (an empty one where no reasoning came before it). */
export interface ReasoningStateEvent {
  readonly type: 'reasoning_state';
  readonly choice: number;
  readonly id?: string | undefined;
  readonly signature?: Opaque | undefined;
  readonly encrypted?: Opaque | undefined;
}

/** Belongs to the current text part. */
export interface CitationEvent {
  readonly type: 'citation';
  readonly choice: number;
  readonly citation: Citation;
}

/** A picture or a sound, whole. */
export interface MediaEvent {
  readonly type: 'media';
  readonly choice: number;
  readonly part: ImagePart | AudioPart;
}

/** A tool call begins; its arguments follow. */
export interface ToolCallEvent {
  readonly type: 'tool_call';
  readonly choice: number;
  /** Which call of the choice, from 0. */
  readonly call: number;
  readonly id: string;
  readonly name: string;
  readonly custom?: boolean | undefined;
  readonly namespace?: string | undefined;
  readonly signature?: Opaque | undefined;
}

/** More of the JSON text of a call's arguments. */
export interface ToolArgumentsEvent {
  readonly type: 'tool_arguments';
  readonly choice: number;
  readonly call: number;
  readonly text: string;
}

/** A choice is complete; exactly one for each choice. */
export interface StopEvent {
  readonly type: 'stop';
  readonly choice: number;
  readonly stop: ChatStop;
}

/** What was used so far, cumulative; the last one counts. */
export interface UsageEvent {
  readonly type: 'usage';
  readonly usage: ChatUsage;
}

/** The provider failed in the middle of its answer. The stream is over. */
export interface ErrorEvent {
  readonly type: 'error';
  readonly error: ProviderError;
  readonly original: Original;
}

/** The provider said itself that the stream is complete. A stream that stops without it was cut off. */
export interface EndEvent {
  readonly type: 'end';
}

/** What a piece of the stream held besides, such as log probabilities: written back on the same wire, else reported. */
export interface OtherEvent {
  readonly type: 'other';
  readonly original: Original;
}

/** One event of a streamed answer in no one's language. */
export type ChatEvent =
  | StartEvent
  | DeltaEvent
  | PartEndEvent
  | ReasoningStateEvent
  | CitationEvent
  | MediaEvent
  | ToolCallEvent
  | ToolArgumentsEvent
  | StopEvent
  | UsageEvent
  | ErrorEvent
  | EndEvent
  | OtherEvent;
