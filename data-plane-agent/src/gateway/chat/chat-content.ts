import type { Extra, Original, Wire } from './wire.ts';

/** Where the bytes of an image, a sound or a file are. */
export type MediaSource =
  | { readonly kind: 'base64'; readonly mediaType: string; readonly data: string }
  | { readonly kind: 'url'; readonly url: string }
  /** Uploaded to a provider before; means nothing to another one. */
  | { readonly kind: 'uploaded'; readonly wire: Wire; readonly id: string };

export interface TextPart {
  readonly type: 'text';
  readonly text: string;
  readonly extra?: Extra | undefined;
}

export interface ImagePart {
  readonly type: 'image';
  readonly source: MediaSource;
  /** How closely to look, in OpenAI's words: `low`, `high`, `auto`. */
  readonly detail?: string | undefined;
  readonly extra?: Extra | undefined;
}

export interface AudioPart {
  readonly type: 'audio';
  readonly source: MediaSource;
  readonly extra?: Extra | undefined;
}

export interface FilePart {
  readonly type: 'file';
  readonly source: MediaSource;
  readonly name?: string | undefined;
  readonly extra?: Extra | undefined;
}

/** The model's own words for not answering. */
export interface RefusalPart {
  readonly type: 'refusal';
  readonly text: string;
}

/** What the model thought before it answered. */
export interface ReasoningPart {
  readonly type: 'reasoning';
  readonly text: string;
  /** Proof that the provider made it; means something to that provider only. */
  readonly signature?: Original | undefined;
  readonly extra?: Extra | undefined;
}

/** A call of a tool that the caller runs. */
export interface ToolCallPart {
  readonly type: 'tool_call';
  readonly id: string;
  readonly name: string;
  /** JSON text as the model wrote it, which need not be valid. */
  readonly arguments: string;
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
export type OutputPart = TextPart | RefusalPart | ReasoningPart | ToolCallPart | OtherPart;
