import type { CacheHint, InputPart, OtherPart, OutputPart, TextPart } from './chat-content.ts';
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
  /** The answer of a tool that takes free text. */
  readonly custom?: boolean | undefined;
  readonly cache?: CacheHint | undefined;
  readonly extra?: Extra | undefined;
}

/** A message that the neutral form has no words for. */
export interface OtherMessage {
  readonly role: 'other';
  readonly original: Original;
}

export type ChatMessage = SystemMessage | UserMessage | AssistantMessage | ToolMessage | OtherMessage;

/** A promise that a schema is kept to. */
export interface SchemaPromise {
  readonly strict?: boolean | undefined;
  /** The promise holds for members that may be left out, as Anthropic's does and OpenAI's does not. */
  readonly optionalMembers?: boolean | undefined;
}

/** A tool that the model may call and the caller runs. */
export interface FunctionTool extends SchemaPromise {
  readonly type: 'function';
  readonly name: string;
  readonly description?: string | undefined;
  /** JSON Schema of the arguments. */
  readonly parameters?: JsonObject | undefined;
  /** The group that it stands in (OpenAI's `namespace`). */
  readonly namespace?: string | undefined;
  readonly cache?: CacheHint | undefined;
  readonly extra?: Extra | undefined;
}

/** A tool that takes free text (OpenAI's `custom`), by a grammar if there is one. */
export interface CustomTool {
  readonly type: 'custom';
  readonly name: string;
  readonly description?: string | undefined;
  readonly format?: JsonObject | undefined;
  readonly namespace?: string | undefined;
  readonly extra?: Extra | undefined;
}

/** A tool of some provider's own. */
export interface OtherTool {
  readonly type: 'other';
  readonly original: Original;
}

export type ChatTool = FunctionTool | CustomTool | OtherTool;

export type ToolChoice =
  | { readonly type: 'auto' | 'none' | 'required' }
  | { readonly type: 'function' | 'custom'; readonly name: string }
  | { readonly type: 'other'; readonly original: Original };

export type ResponseFormat =
  | { readonly type: 'text' }
  | { readonly type: 'json' }
  | (SchemaPromise & {
      readonly type: 'json_schema';
      readonly name: string;
      readonly description?: string | undefined;
      readonly schema?: JsonObject | undefined;
    })
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
  /** Bias by token id, as OpenAI has it. */
  readonly logitBias?: JsonObject | undefined;
  readonly logprobs?: boolean | undefined;
  readonly topLogprobs?: number | undefined;
  /** How many answers; 1 where absent. */
  readonly choices?: number | undefined;
}

/** How much to think: a word, or a number of tokens; providers know one or the other. */
export interface Reasoning {
  /** `disabled`: not at all. `adaptive`: as the model sees fit. Absent: what effort and budget say. */
  readonly mode?: 'disabled' | 'enabled' | 'adaptive' | undefined;
  /** `none`, `minimal`, `low`, `medium`, `high`, `xhigh`, `max`. */
  readonly effort?: string | undefined;
  readonly budgetTokens?: number | undefined;
  /** What people want to see of it, in OpenAI's words: `auto`, `concise`, `detailed`; `none`: nothing. */
  readonly summary?: string | undefined;
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
  /** The application's own labels for the request. */
  readonly metadata?: JsonObject | undefined;
  /** `auto`, `default`, `flex`, `priority`, or a provider's own. */
  readonly serviceTier?: string | undefined;
  /** How wordy, in OpenAI's words: `low`, `medium`, `high`. */
  readonly verbosity?: string | undefined;
  /** A hint for the provider's cache of prompts (OpenAI's `prompt_cache_key`). */
  readonly cacheKey?: string | undefined;
  /** `text`, `audio`, `image`; absent: text. */
  readonly outputModalities?: readonly string[] | undefined;
  readonly stream: boolean;
  /** The client speaks of functions as OpenAI's API did before tools: its answer has one `function_call`. */
  readonly olderFunctions?: boolean | undefined;
  /** The client wants usage at the end of a stream. */
  readonly includeUsage: boolean;
  readonly extra?: Extra | undefined;
}
