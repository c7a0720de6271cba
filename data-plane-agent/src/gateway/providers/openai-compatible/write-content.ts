import type { InputPart, MediaSource, OtherPart, RefusalPart, TextPart } from '../../chat/chat-content.ts';
import { writeMediaUrl } from '../../chat/data-url.ts';
import type { DroppedFields } from '../../chat/dropped-fields.ts';

/** The two formats that `input_audio` takes. */
const AUDIO_FORMATS: Readonly<Record<string, string>> = {
  'audio/mpeg': 'mp3',
  'audio/mp3': 'mp3',
  'audio/wav': 'wav',
  'audio/x-wav': 'wav',
};

type ContentPart = InputPart | RefusalPart | TextPart | OtherPart;

/** Writes one part; undefined when the wire cannot express it, which is then noted under `path`. */
function writePart(part: ContentPart, path: string, dropped: DroppedFields): unknown {
  switch (part.type) {
    case 'text':
      return { type: 'text', text: part.text, ...dropped.keepExtra(part.extra, path) };
    case 'refusal':
      return { type: 'refusal', refusal: part.text };
    case 'image': {
      const url = writeMediaUrl(part.source);
      if (url === undefined) return drop(path, dropped);
      const image = { url, ...(part.detail !== undefined && { detail: part.detail }) };
      return { type: 'image_url', image_url: image, ...dropped.keepExtra(part.extra, path) };
    }
    case 'audio': {
      const audio = writeAudio(part.source);
      if (audio === undefined) return drop(path, dropped);
      return { type: 'input_audio', input_audio: audio, ...dropped.keepExtra(part.extra, path) };
    }
    case 'file': {
      const source = writeFileSource(part.source);
      if (source === undefined) return drop(path, dropped);
      const file = { ...source, ...(part.name !== undefined && { filename: part.name }) };
      return { type: 'file', file, ...dropped.keepExtra(part.extra, path) };
    }
    case 'other':
      return dropped.keepOriginal(part.original, path);
  }
}

function drop(path: string, dropped: DroppedFields): undefined {
  dropped.add(path);
  return undefined;
}

function writeAudio(source: MediaSource) {
  if (source.kind !== 'base64' || !Object.hasOwn(AUDIO_FORMATS, source.mediaType)) return undefined;
  return { data: source.data, format: AUDIO_FORMATS[source.mediaType] };
}

function writeFileSource(source: MediaSource) {
  if (source.kind === 'base64') return { file_data: writeMediaUrl(source) };
  return source.kind === 'uploaded' && source.wire === 'openai-chat' ? { file_id: source.id } : undefined;
}

/** Writes a message's content: a string for one plain text, else a list of parts; an empty list where there is none. */
export function writeContent(parts: readonly ContentPart[], path: string, dropped: DroppedFields): unknown {
  const written = parts.map((part, index) => writePart(part, `${path}[${index}]`, dropped));
  const kept = written.filter((part) => part !== undefined);
  const [only] = parts;
  return parts.length === 1 && only?.type === 'text' && only.extra === undefined ? only.text : kept;
}
