import type { ChatStop, ChatUsage } from './chat-answer.ts';
import type { Extra, Original } from './wire.ts';

/** Begins the stream; comes once, before all others. */
export interface StartEvent {
  readonly type: 'start';
  readonly id: string;
  readonly model: string;
  /** Seconds since 1970. */
  readonly created: number;
  /** What the first piece of the stream held besides; servers repeat it in each. */
  readonly extra?: Extra | undefined;
}

/** More text of one kind for one choice. */
export interface DeltaEvent {
  readonly type: 'text' | 'reasoning' | 'refusal';
  readonly choice: number;
  readonly text: string;
}

/** A tool call begins; its arguments follow. */
export interface ToolCallEvent {
  readonly type: 'tool_call';
  readonly choice: number;
  /** Which call of the choice, from 0. */
  readonly call: number;
  readonly id: string;
  readonly name: string;
}

/** More of the JSON text of a call's arguments. */
export interface ToolArgumentsEvent {
  readonly type: 'tool_arguments';
  readonly choice: number;
  readonly call: number;
  readonly text: string;
}

/** A choice is complete. */
export interface StopEvent {
  readonly type: 'stop';
  readonly choice: number;
  readonly stop: ChatStop;
}

/** What was used so far; the last one counts. */
export interface UsageEvent {
  readonly type: 'usage';
  readonly usage: ChatUsage;
}

/** The provider failed in the middle of its answer. */
export interface ErrorEvent {
  readonly type: 'error';
  readonly message: string;
  readonly code: string | undefined;
  readonly original: Original;
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
  | ToolCallEvent
  | ToolArgumentsEvent
  | StopEvent
  | UsageEvent
  | ErrorEvent
  | OtherEvent;
