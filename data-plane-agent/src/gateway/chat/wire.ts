/** The languages that a request can stand in. A surface and a provider kind may share one. */
export type Wire = ChatWire | OperationWire | GoogleWire;

/** Those of requests other than chat: OpenAI's own forms, and Cohere's of rerank. */
export type OperationWire =
  | 'openai-completions'
  | 'openai-embeddings'
  | 'openai-images'
  | 'openai-image-edits'
  | 'openai-transcriptions'
  | 'openai-translations'
  | 'openai-speech'
  | 'openai-moderations'
  | 'rerank'
  | 'anthropic-count-tokens';

/** Those of Google's methods beside chat, which are passed on and never translated. */
export type GoogleWire = 'google-count-tokens' | 'google-embed' | 'google-batch-embed' | 'google-predict';

/** Those that a chat can stand in. */
export type ChatWire =
  | 'openai-chat'
  | 'openai-responses'
  | 'anthropic-messages'
  | 'gemini-content'
  | 'bedrock-converse'
  /** A Bedrock model's own body, whatever it is: passed on, never translated. */
  | 'bedrock-invoke'
  /** Mistral's own body at Vertex AI: passed on, since clients of OpenAI's wire send the same elsewhere. */
  | 'mistral-predict'
  | 'cohere-chat';

/** An object as `JSON.parse` makes it. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Something that the neutral form has no words for, as it stood on its wire. */
export interface Original {
  readonly wire: Wire;
  readonly value: unknown;
}

/** Members that the neutral form has no names for, as they stood on their wire. */
export interface Extra {
  readonly wire: Wire;
  readonly fields: JsonObject;
}

/**
 * State that only its issuer understands: a signature, encrypted reasoning. Surfaces carry the text as it is; on its way
 * to a client the gateway tags it with its issuer, and on the way back a provider sees only what it issued itself.
 */
export interface Opaque {
  readonly value: string;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The members of a wire object that are not among the names that its reader took; undefined when there are none. */
export function takeExtra(wire: Wire, object: JsonObject, taken: ReadonlySet<string>): Extra | undefined {
  let fields: Record<string, unknown> | undefined;
  // Asked three times for each event of a stream: `in` makes no list, and what JSON.parse made inherits nothing to list.
  for (const name in object) {
    if (taken.has(name)) continue;
    fields ??= Object.create(null) as Record<string, unknown>;
    fields[name] = object[name];
  }
  return fields && { wire, fields };
}
