import type { InputPart, MediaSource, OtherPart, TextPart } from '../../../chat/chat-content.ts';
import { writeMediaUrl } from '../../../chat/data-url.ts';
import type { DroppedFields } from '../../../chat/dropped-fields.ts';
import type { JsonObject } from '../../../chat/wire.ts';

/** The two formats that `input_audio` takes. */
const AUDIO_FORMATS: Readonly<Record<string, string>> = {
  'audio/mpeg': 'mp3',
  'audio/mp3': 'mp3',
  'audio/wav': 'wav',
  'audio/x-wav': 'wav',
};
/** Bytes want a name, whose ending says what they are. */
const NAMES: Readonly<Record<string, string>> = {
  'application/pdf': 'document.pdf',
  'text/plain': 'document.txt',
  'text/markdown': 'document.md',
  'text/html': 'document.html',
  'text/csv': 'document.csv',
  'application/json': 'document.json',
};
/** Files of OpenAI's two chat APIs are the same. */
const SHARED_FILES: ReadonlySet<string> = new Set(['openai-responses', 'openai-chat']);

/** Writes what a user or a tool says: a string for one plain text, else a list of parts. */
export function writeContent(
  parts: readonly (InputPart | TextPart | OtherPart)[],
  path: string,
  dropped: DroppedFields,
): unknown {
  const [only] = parts;
  const written = parts.flatMap((part, index) => writePart(part, `${path}[${index}]`, dropped) ?? []);
  if (parts.length === 1 && only?.type === 'text' && only.extra === undefined) return only.text;
  return written.length === 0 ? '' : written;
}

/** Undefined when the wire cannot express the part, which is then noted under `path`. */
function writePart(part: InputPart, path: string, dropped: DroppedFields): unknown {
  if (part.type === 'other') return dropped.keepOriginal(part.original, path);
  const written = writeKnown(part, path, dropped);
  if (written === undefined) {
    dropped.add(path);
    return undefined;
  }
  // Newer models alone know breakpoints in their cache, and those by a time of their own.
  if (part.cache) dropped.add(`${path}.cache_control`);
  return { ...written, ...dropped.keepExtra(part.extra, path) };
}

function writeKnown(
  part: Exclude<InputPart, OtherPart>,
  path: string,
  dropped: DroppedFields,
): JsonObject | undefined {
  switch (part.type) {
    case 'text':
      if (part.citations && part.citations.length > 0) dropped.add(`${path}.citations`);
      return { type: 'input_text', text: part.text };
    case 'image':
      return writeImage(part.source, part.detail);
    case 'audio': {
      const { source } = part;
      if (source.kind !== 'base64' || !Object.hasOwn(AUDIO_FORMATS, source.mediaType)) return undefined;
      return {
        type: 'input_audio',
        input_audio: { data: source.data, format: AUDIO_FORMATS[source.mediaType] },
      };
    }
    case 'file': {
      const file = writeFile(part.source, part.name);
      if (file && part.name !== undefined && !('filename' in file)) dropped.add(`${path}.filename`);
      return file && { type: 'input_file', ...file };
    }
  }
}

function writeImage(source: MediaSource, detail: string | undefined): JsonObject | undefined {
  const shown = detail === undefined ? {} : { detail };
  if (source.kind === 'uploaded')
    return SHARED_FILES.has(source.wire) ? { type: 'input_image', file_id: source.id, ...shown } : undefined;
  const url = writeMediaUrl(source);
  return url === undefined ? undefined : { type: 'input_image', image_url: url, ...shown };
}

/** Bytes have a name; what the API finds itself must have none ("Mutually exclusive parameters"). */
function writeFile(source: MediaSource, name: string | undefined): JsonObject | undefined {
  switch (source.kind) {
    case 'uploaded':
      return SHARED_FILES.has(source.wire) ? { file_id: source.id } : undefined;
    case 'url':
      return { file_url: source.url };
    case 'base64':
      return { filename: nameOf(source.mediaType, name), file_data: writeMediaUrl(source) };
    case 'text': {
      const data = Buffer.from(source.text).toString('base64');
      return { filename: nameOf('text/plain', name), file_data: `data:text/plain;base64,${data}` };
    }
  }
}

function nameOf(mediaType: string, name: string | undefined): string {
  if (name !== undefined) return name;
  return (Object.hasOwn(NAMES, mediaType) ? NAMES[mediaType] : undefined) ?? 'document';
}
