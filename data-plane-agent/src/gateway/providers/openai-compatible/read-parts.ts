import type { AudioPart, ImagePart, ReasoningPart } from '../../chat/chat-content.ts';
import { readMediaUrl } from '../../chat/data-url.ts';
import { isObject, type JsonObject, type Opaque } from '../../chat/wire.ts';

const WIRE = 'openai-chat';

/** Names under which servers give reasoning: DeepSeek's and vLLM's, then OpenRouter's, Groq's and Ollama's. */
const REASONING_NAMES = ['reasoning_content', 'reasoning'] as const;

/** The text of reasoning in a message or a delta; undefined when it holds none. */
export function reasoningText(object: JsonObject): string | undefined {
  for (const name of REASONING_NAMES) {
    const value = object[name];
    if (typeof value === 'string' && value !== '') return value;
    // Some servers wrap it.
    if (isObject(value) && typeof value.content === 'string' && value.content !== '') return value.content;
  }
  return undefined;
}

/** The reasoning of a whole message: OpenRouter's details where they hold state, else the text. */
export function readReasoning(message: JsonObject): ReasoningPart[] {
  const details = Array.isArray(message.reasoning_details)
    ? message.reasoning_details.flatMap(readDetail)
    : [];
  if (details.some((part) => part.signature ?? part.encrypted)) return details;
  const text = reasoningText(message);
  return text === undefined ? details : [{ type: 'reasoning', text }];
}

/** The format of OpenRouter's details where they name none. */
const USUAL_FORMAT = 'anthropic-claude-v1';

/** One of OpenRouter's `reasoning_details`; nothing for one that it does not document. */
export function readDetail(detail: unknown): ReasoningPart[] {
  if (!isObject(detail)) return [];
  const id = typeof detail.id === 'string' ? { id: detail.id } : {};
  if (detail.type === 'reasoning.text') {
    const signature = readState(detail.signature, detail.format);
    return [
      { type: 'reasoning', text: typeof detail.text === 'string' ? detail.text : '', signature, ...id },
    ];
  }
  if (detail.type === 'reasoning.summary' && typeof detail.summary === 'string')
    return [{ type: 'reasoning', text: detail.summary, summary: true, ...id }];
  const encrypted =
    detail.type === 'reasoning.encrypted' ? readState(detail.data, detail.format, detail.id) : undefined;
  return encrypted ? [{ type: 'reasoning', text: '', encrypted, ...id }] : [];
}

/**
 * OpenRouter wants the state back with the format that it named; a format of its own is kept beside the state. So is the id,
 * which says what call of Gemini's a thought belongs to, and has no place on other wires.
 */
function readState(value: unknown, format: unknown, id?: unknown): Opaque | undefined {
  if (typeof value !== 'string' || value === '') return undefined;
  if (typeof format !== 'string' || format === USUAL_FORMAT) return { value };
  return { value: JSON.stringify({ format, ...(typeof id === 'string' && { id }), value }) };
}

/** Undoes what `readDetail` did to state that has a format of its own. */
export function stateWithFormat({ value }: Opaque): { value: string; format?: string; id?: string } {
  if (!value.startsWith('{"format":')) return { value };
  try {
    const read: unknown = JSON.parse(value);
    if (isObject(read) && typeof read.format === 'string' && typeof read.value === 'string')
      return {
        value: read.value,
        format: read.format,
        ...(typeof read.id === 'string' && { id: read.id }),
      };
  } catch {
    // State that only looks like ours goes back as it came.
  }
  return { value };
}

/** Gemini's thought signature of a call, where Google's OpenAI-compatible endpoints put it. */
export function readCallSignature(call: JsonObject): Opaque | undefined {
  const google = isObject(call.extra_content) ? call.extra_content.google : undefined;
  const signature = isObject(google) ? google.thought_signature : undefined;
  return typeof signature === 'string' && signature !== '' ? { value: signature } : undefined;
}

export function readAudio(audio: unknown): AudioPart | undefined {
  if (!isObject(audio) || typeof audio.data !== 'string') return undefined;
  const { data, transcript, ...rest } = audio;
  if (data === '' && !transcript) return undefined;
  return {
    type: 'audio',
    source: { kind: 'base64', mediaType: 'audio/wav', data },
    transcript: typeof transcript === 'string' ? transcript : undefined,
    ...(Object.keys(rest).length > 0 && { extra: { wire: WIRE, fields: rest } as const }),
  };
}

export function readImages(images: readonly unknown[]): ImagePart[] {
  return images.flatMap((image): ImagePart[] => {
    const place = isObject(image) ? image.image_url : undefined;
    const url = isObject(place) ? place.url : place;
    return typeof url === 'string' ? [{ type: 'image', source: readMediaUrl(url) }] : [];
  });
}

/**
 * What a call says of a custom tool; undefined where it calls a function. Snowflake has empty members of all kinds beside the
 * one that holds something.
 */
export function customOf(call: JsonObject): JsonObject | undefined {
  if (!isObject(call.custom)) return undefined;
  return call.type === 'custom' || !isObject(call.function) ? call.custom : undefined;
}

/** What calls were before there could be several; undefined where there is none. */
export function onlyCall(message: JsonObject): JsonObject | undefined {
  const call = message.function_call;
  return isObject(call) && (call.name || call.arguments) ? call : undefined;
}

/**
 * The JSON text of a call's arguments; undefined where there is none. Some servers send the object itself, some the word
 * `null` for a tool that takes nothing.
 */
export function argumentsText(value: unknown): string | undefined {
  if (typeof value === 'string') return value === 'null' ? '' : value;
  return value === undefined || value === null ? undefined : JSON.stringify(value);
}
