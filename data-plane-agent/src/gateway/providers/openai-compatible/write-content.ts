import { writeCacheControl } from '../../chat/cache-hint.ts';
import type { InputPart, MediaSource, OtherPart, RefusalPart, TextPart } from '../../chat/chat-content.ts';
import { writeMediaUrl } from '../../chat/data-url.ts';
import type { DroppedFields } from '../../chat/dropped-fields.ts';
import { isObject } from '../../chat/wire.ts';

/** Names of formats that are not those of their media types. OpenAI takes `wav` and `mp3`, other servers more. */
const AUDIO_FORMATS: Readonly<Record<string, string>> = {
  'audio/mpeg': 'mp3',
  'audio/x-wav': 'wav',
  'audio/mp4': 'm4a',
};
const AUDIO_FORMAT = /^audio\/([a-z0-9]{2,8})$/;

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
  if (source.kind !== 'base64') return undefined;
  const { data, mediaType } = source;
  const format = Object.hasOwn(AUDIO_FORMATS, mediaType)
    ? AUDIO_FORMATS[mediaType]
    : AUDIO_FORMAT.exec(mediaType)?.[1];
  return format === undefined ? undefined : { data, format };
}

function writeFileSource(source: MediaSource) {
  if (source.kind === 'base64') return { file_data: writeMediaUrl(source) };
  if (source.kind === 'text')
    return { file_data: `data:text/plain;base64,${Buffer.from(source.text).toString('base64')}` };
  return source.kind === 'uploaded' && source.wire === 'openai-chat' ? { file_id: source.id } : undefined;
}

/** Adds the cache hint where the server takes one. */
function withCache(
  part: ContentPart,
  written: unknown,
  path: string,
  dropped: DroppedFields,
  takesCache: boolean,
): unknown {
  if (!('cache' in part) || part.cache === undefined) return written;
  if (takesCache && isObject(written)) return { ...written, cache_control: writeCacheControl(part.cache) };
  dropped.add(`${path}.cache_control`);
  return written;
}

/** The parts that the wire can express. */
export function writeParts(
  parts: readonly ContentPart[],
  path: string,
  dropped: DroppedFields,
  takesCache: boolean,
): unknown[] {
  const written = parts.map((part, index) => {
    const inside = `${path}[${index}]`;
    return withCache(part, writePart(part, inside, dropped), inside, dropped, takesCache);
  });
  return written.filter((part) => part !== undefined);
}

/** Writes a message's content: a string for one plain text, else a list of parts; OpenAI refuses an empty list. */
export function writeContent(
  parts: readonly ContentPart[],
  path: string,
  dropped: DroppedFields,
  takesCache: boolean,
): unknown {
  const written = writeParts(parts, path, dropped, takesCache);
  const [only] = parts;
  if (parts.length === 1 && only?.type === 'text' && only.extra === undefined && !(takesCache && only.cache))
    return only.text;
  return written.length === 0 ? '' : written;
}
