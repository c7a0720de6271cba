import type { InputPart, OtherPart, OutputPart, TextPart } from './chat-content.ts';
import type { Extra, JsonObject, Original } from './wire.ts';

/** Instructions. `developer` is OpenAI's name for them with its newer models. */
export interface SystemMessage {
  readonly role: 'system' | 'developer';
  readonly content: readonly (TextPart | OtherPart)[];
  readonly name?: string | undefined;
  readonly extra?: Extra | undefined;
}

export interface UserMessage {
  readonly role: 'user';
  readonly content: readonly InputPart[];
  readonly name?: string | undefined;
  readonly extra?: Extra | undefined;
}

export interface AssistantMessage {
  readonly role: 'assistant';
  readonly content: readonly OutputPart[];
  readonly name?: string | undefined;
  readonly extra?: Extra | undefined;
}

/** What a tool answered to one call. */
export interface ToolMessage {
  readonly role: 'tool';
  readonly toolCallId: string;
  readonly content: readonly InputPart[];
  /** The tool failed; only some wires can say so. */
  readonly isError?: boolean | undefined;
  readonly extra?: Extra | undefined;
}

/** A message that the neutral form has no words for. */
export interface OtherMessage {
  readonly role: 'other';
  readonly original: Original;
}

export type ChatMessage = SystemMessage | UserMessage | AssistantMessage | ToolMessage | OtherMessage;

/** A tool that the model may call and the caller runs. */
export interface FunctionTool {
  readonly type: 'function';
  readonly name: string;
  readonly description?: string | undefined;
  /** JSON Schema of the arguments. */
  readonly parameters?: JsonObject | undefined;
  readonly strict?: boolean | undefined;
  readonly extra?: Extra | undefined;
}

/** A tool of some provider's own. */
export interface OtherTool {
  readonly type: 'other';
  readonly original: Original;
}

export type ChatTool = FunctionTool | OtherTool;

export type ToolChoice =
  | { readonly type: 'auto' | 'none' | 'required' }
  | { readonly type: 'function'; readonly name: string }
  | { readonly type: 'other'; readonly original: Original };

export type ResponseFormat =
  | { readonly type: 'text' }
  | { readonly type: 'json' }
  | {
      readonly type: 'json_schema';
      readonly name: string;
      readonly description?: string | undefined;
      readonly schema?: JsonObject | undefined;
      readonly strict?: boolean | undefined;
    }
  | { readonly type: 'other'; readonly original: Original };

/** How the next token is chosen, and when to stop. */
export interface Sampling {
  readonly temperature?: number | undefined;
  readonly topP?: number | undefined;
  readonly topK?: number | undefined;
  readonly frequencyPenalty?: number | undefined;
  readonly presencePenalty?: number | undefined;
  readonly seed?: number | undefined;
  readonly maxOutputTokens?: number | undefined;
  readonly stopSequences?: readonly string[] | undefined;
}

/** How much to think: a word, or a number of tokens; providers know one or the other. */
export interface Reasoning {
  readonly effort?: string | undefined;
  readonly budgetTokens?: number | undefined;
}

/** A chat request in no one's language. Readers never change what they were given, so that a retry reads the same. */
export interface ChatRequest {
  readonly model: string;
  readonly messages: readonly ChatMessage[];
  readonly tools: readonly ChatTool[];
  readonly toolChoice?: ToolChoice | undefined;
  readonly parallelToolCalls?: boolean | undefined;
  readonly sampling: Sampling;
  readonly reasoning?: Reasoning | undefined;
  readonly responseFormat?: ResponseFormat | undefined;
  /** The application's name for its end user. */
  readonly endUser?: string | undefined;
  readonly stream: boolean;
  /** The client wants usage at the end of a stream. */
  readonly includeUsage: boolean;
  readonly extra?: Extra | undefined;
}
