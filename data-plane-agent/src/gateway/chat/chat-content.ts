import type { Extra, Opaque, Original, Wire } from './wire.ts';

/** Where the bytes of an image, a sound or a file are. */
export type MediaSource =
  | { readonly kind: 'base64'; readonly mediaType: string; readonly data: string }
  | { readonly kind: 'url'; readonly url: string; readonly mediaType?: string | undefined }
  /** Plain text as a document. */
  | { readonly kind: 'text'; readonly text: string }
  /** Uploaded to a provider before; means nothing to another one. */
  | { readonly kind: 'uploaded'; readonly wire: Wire; readonly id: string };

/** The prompt up to and with this part is worth keeping at the provider; without a ttl for the provider's usual time. */
export interface CacheHint {
  readonly ttl?: '5m' | '1h' | undefined;
}

/** Where a statement comes from. */
export interface Citation {
  readonly url?: string | undefined;
  readonly title?: string | undefined;
  /** The source's own words. */
  readonly quote?: string | undefined;
  /** Which characters of the answer's text part it belongs to, where the wire says so: UTF-16 units, end exclusive. */
  readonly start?: number | undefined;
  readonly end?: number | undefined;
  readonly original: Original;
}

export interface TextPart {
  readonly type: 'text';
  readonly text: string;
  readonly citations?: readonly Citation[] | undefined;
  readonly cache?: CacheHint | undefined;
  readonly extra?: Extra | undefined;
}

export interface ImagePart {
  readonly type: 'image';
  readonly source: MediaSource;
  /** How closely to look, in OpenAI's words: `low`, `high`, `auto`. */
  readonly detail?: string | undefined;
  readonly cache?: CacheHint | undefined;
  readonly extra?: Extra | undefined;
}

export interface AudioPart {
  readonly type: 'audio';
  readonly source: MediaSource;
  /** What is said, where a model speaks. */
  readonly transcript?: string | undefined;
  readonly cache?: CacheHint | undefined;
  readonly extra?: Extra | undefined;
}

export interface FilePart {
  readonly type: 'file';
  readonly source: MediaSource;
  readonly name?: string | undefined;
  readonly cache?: CacheHint | undefined;
  readonly extra?: Extra | undefined;
}

/** The model's own words for not answering. */
export interface RefusalPart {
  readonly type: 'refusal';
  readonly text: string;
  readonly extra?: Extra | undefined;
}

/** What the model thought before it answered. */
export interface ReasoningPart {
  readonly type: 'reasoning';
  /** Empty where the provider shows nothing of it. */
  readonly text: string;
  /** The text is a summary made for people, not the thought itself. */
  readonly summary?: boolean | undefined;
  /** The item's id on wires that have one. */
  readonly id?: string | undefined;
  /** Proof that the provider made the text, or a mark of where in its thoughts it was. */
  readonly signature?: Opaque | undefined;
  /** The thought itself, readable to the provider only (Anthropic's redacted blocks, OpenAI's encrypted reasoning). */
  readonly encrypted?: Opaque | undefined;
  readonly extra?: Extra | undefined;
}

/** A call of a tool that the caller runs. */
export interface ToolCallPart {
  readonly type: 'tool_call';
  readonly id: string;
  readonly name: string;
  /** JSON text as the model wrote it, which need not be valid; may be empty. Free text for a custom tool. */
  readonly arguments: string;
  /** A tool that takes free text (OpenAI's `custom`). Absent: a function. */
  readonly custom?: boolean | undefined;
  /** Of a tool that stands in a group (OpenAI's `namespace`). */
  readonly namespace?: string | undefined;
  /** Gemini's thought signature; belongs to this call. */
  readonly signature?: Opaque | undefined;
  readonly cache?: CacheHint | undefined;
  readonly extra?: Extra | undefined;
}

/** A part that the neutral form has no words for. */
export interface OtherPart {
  readonly type: 'other';
  readonly original: Original;
}

/** What a user or a tool says. */
export type InputPart = TextPart | ImagePart | AudioPart | FilePart | OtherPart;

/** What a model says, in its order. */
export type OutputPart =
  | TextPart
  | RefusalPart
  | ReasoningPart
  | ToolCallPart
  | ImagePart
  | AudioPart
  | OtherPart;
