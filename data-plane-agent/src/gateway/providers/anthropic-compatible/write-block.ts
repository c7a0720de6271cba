import { writeCacheControl } from '../../chat/cache-hint.ts';
import type { InputPart, MediaSource, OutputPart, TextPart } from '../../chat/chat-content.ts';
import { wrapCustomInput } from '../../chat/custom-tools.ts';
import type { DroppedFields } from '../../chat/dropped-fields.ts';
import { isObject, type JsonObject } from '../../chat/wire.ts';
import type { ToolNames } from './tool-names.ts';

/** A content block; undefined when the wire cannot express it, which is then noted under `path`. */
export type Block = JsonObject;

const IMAGE_TYPES: ReadonlySet<string> = new Set(['image/jpeg', 'image/png', 'image/gif', 'image/webp']);

/** Writes one part of what a user or a tool says. */
export function writeInputBlock(part: InputPart, path: string, dropped: DroppedFields): Block | undefined {
  switch (part.type) {
    case 'text':
      return writeTextBlock(part, path, dropped);
    case 'image': {
      const source = writeImageSource(part.source);
      if (!source) return drop(path, dropped);
      if (part.detail !== undefined && part.detail !== 'auto') dropped.add(`${path}.detail`);
      return { type: 'image', source, ...more(part, path, dropped) };
    }
    case 'file': {
      const source = writeDocumentSource(part.source);
      if (!source) {
        // A picture that came as a file is a picture here.
        const image = writeImageSource(part.source);
        return image ? { type: 'image', source: image, ...more(part, path, dropped) } : drop(path, dropped);
      }
      const title = part.name === undefined ? {} : { title: part.name };
      return { type: 'document', source, ...title, ...more(part, path, dropped) };
    }
    case 'audio':
      return drop(path, dropped);
    case 'other':
      return original(dropped.keepOriginal(part.original, path));
  }
}

/** Text, with its cache hint. Blank text is refused by the API, so it is left out. */
export function writeTextBlock(part: TextPart, path: string, dropped: DroppedFields): Block | undefined {
  if (part.text.trim() === '') {
    if (part.text !== '' || part.cache) dropped.add(path);
    return undefined;
  }
  const citations = part.citations?.flatMap((citation) =>
    citation.original.wire === 'anthropic-messages' ? [citation.original.value] : [],
  );
  return {
    type: 'text',
    text: part.text,
    ...(citations && citations.length > 0 && { citations }),
    ...more(part, path, dropped),
  };
}

/** Writes one part of what the model said in an earlier turn. */
export function writeOutputBlock(
  part: OutputPart,
  path: string,
  dropped: DroppedFields,
  names: ToolNames,
): Block | undefined {
  switch (part.type) {
    case 'text':
      return writeTextBlock(part, path, dropped);
    case 'refusal':
      return part.text === '' ? undefined : { type: 'text', text: part.text };
    case 'reasoning': {
      dropped.keepExtra(part.extra, path);
      if (part.encrypted) return { type: 'redacted_thinking', data: part.encrypted.value };
      // The API refuses thinking that it cannot prove to be its own.
      if (!part.signature) return part.text === '' ? undefined : drop(`${path}.reasoning`, dropped);
      return { type: 'thinking', thinking: part.text, signature: part.signature.value };
    }
    case 'tool_call': {
      const text = part.custom ? wrapCustomInput(part.arguments) : part.arguments;
      const id = names.id(part.id);
      if (part.signature) dropped.add(`${path}.signature`);
      return {
        type: 'tool_use',
        id,
        name: names.name(part),
        input: readInput(text, path, dropped),
        ...more(part, path, dropped),
      };
    }
    case 'image':
    case 'audio':
      return drop(path, dropped);
    case 'other':
      return original(dropped.keepOriginal(part.original, path));
  }
}

/** The arguments as the object that the wire wants. Text that is none is carried as a string in one, and noted. */
function readInput(text: string, path: string, dropped: DroppedFields): JsonObject {
  if (text.trim() === '') return {};
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return value;
  } catch {
    // Handled below: it is no JSON.
  }
  dropped.add(`${path}.arguments`);
  return { arguments: text };
}

function more(
  part: { cache?: TextPart['cache']; extra?: TextPart['extra'] },
  path: string,
  dropped: DroppedFields,
): JsonObject {
  return {
    ...(part.cache && { cache_control: writeCacheControl(part.cache) }),
    // Where the client's own words say more of the cache, they count.
    ...dropped.keepExtra(part.extra, path),
  };
}

function writeImageSource(source: MediaSource): JsonObject | undefined {
  switch (source.kind) {
    case 'base64':
      return IMAGE_TYPES.has(source.mediaType)
        ? { type: 'base64', media_type: source.mediaType, data: source.data }
        : undefined;
    case 'url':
      return { type: 'url', url: source.url };
    case 'uploaded':
      return source.wire === 'anthropic-messages' ? { type: 'file', file_id: source.id } : undefined;
    case 'text':
      return undefined;
  }
}

function writeDocumentSource(source: MediaSource): JsonObject | undefined {
  switch (source.kind) {
    case 'base64':
      if (source.mediaType === 'application/pdf')
        return { type: 'base64', media_type: source.mediaType, data: source.data };
      return source.mediaType.startsWith('text/')
        ? { type: 'text', media_type: 'text/plain', data: Buffer.from(source.data, 'base64').toString() }
        : undefined;
    case 'url':
      return { type: 'url', url: source.url };
    case 'uploaded':
      return source.wire === 'anthropic-messages' ? { type: 'file', file_id: source.id } : undefined;
    case 'text':
      return { type: 'text', media_type: 'text/plain', data: source.text };
  }
}

function original(value: unknown): Block | undefined {
  return isObject(value) ? value : undefined;
}

function drop(path: string, dropped: DroppedFields): undefined {
  dropped.add(path);
  return undefined;
}
