import type { AudioPart, ImagePart } from '../../chat/chat-content.ts';
import { isObject, type JsonObject } from '../../chat/wire.ts';
import type { ToolName } from '../tool-names.ts';

/** The signature on a part, if any. */
export function signatureOf(part: JsonObject): string | undefined {
  const signature = part.thoughtSignature;
  return typeof signature === 'string' && signature !== '' ? signature : undefined;
}

/** A picture or a sound that a model made; undefined for a part that is none. */
export function readMedia(part: JsonObject): ImagePart | AudioPart | undefined {
  const inline = part.inlineData;
  if (!isObject(inline) || typeof inline.mimeType !== 'string' || typeof inline.data !== 'string')
    return undefined;
  const source = { kind: 'base64', mediaType: inline.mimeType, data: inline.data } as const;
  if (inline.mimeType.startsWith('audio/')) return { type: 'audio', source };
  return inline.mimeType.startsWith('image/') ? { type: 'image', source } : undefined;
}

/** A call of a function, as far as it is one that begins here. */
export interface ReadCall extends ToolName {
  readonly id: string;
  readonly arguments: string;
}

/**
 * Reads a `functionCall`. Where Gemini gives no id, one is made of the answer's own and the call's place in it, so that the
 * same answer always gives the same id.
 */
export function readCall(
  part: JsonObject,
  answerId: string,
  place: string,
  names: ReadonlyMap<string, ToolName> | undefined,
): ReadCall | undefined {
  const called = part.functionCall;
  if (!isObject(called) || typeof called.name !== 'string') return undefined;
  const id =
    typeof called.id === 'string' && called.id !== '' ? called.id : `call_${safe(answerId)}_${place}`;
  const args = called.args === undefined || called.args === null ? '{}' : JSON.stringify(called.args);
  return { id, ...(names?.get(called.name) ?? { name: called.name }), arguments: args };
}

function safe(id: string): string {
  return id.replaceAll(/[^A-Za-z0-9_-]/g, '').slice(0, 40);
}
