import type { AudioPart, FilePart, ImagePart, MediaSource } from '../../chat/chat-content.ts';
import type { DroppedFields } from '../../chat/dropped-fields.ts';
import type { JsonObject } from '../../chat/wire.ts';

const TYPES: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
  gif: 'image/gif',
  heic: 'image/heic',
  pdf: 'application/pdf',
  txt: 'text/plain',
  mp3: 'audio/mpeg',
  wav: 'audio/wav',
  flac: 'audio/flac',
  ogg: 'audio/ogg',
  mp4: 'video/mp4',
  mov: 'video/quicktime',
  webm: 'video/webm',
};

/** Writes an image, a sound or a file; undefined for what was uploaded to someone else. */
export function writeMedia(
  part: ImagePart | AudioPart | FilePart,
  path: string,
  dropped: DroppedFields,
): JsonObject | undefined {
  const written = writeSource(part.source);
  if (written === undefined) {
    dropped.add(path);
    return undefined;
  }
  if (part.cache) dropped.add(`${path}.cache_control`);
  if (part.type === 'image' && part.detail !== undefined && part.detail !== 'auto')
    dropped.add(`${path}.detail`);
  if (part.type === 'audio' && part.transcript !== undefined) dropped.add(`${path}.transcript`);
  if (part.type === 'file' && part.name !== undefined) dropped.add(`${path}.filename`);
  return { ...written, ...dropped.keepExtra(part.extra, path) };
}

function writeSource(source: MediaSource): JsonObject | undefined {
  switch (source.kind) {
    case 'base64':
      return { inlineData: { mimeType: source.mediaType, data: source.data } };
    case 'text':
      return { inlineData: { mimeType: 'text/plain', data: Buffer.from(source.text).toString('base64') } };
    case 'url': {
      const mimeType = source.mediaType ?? typeByName(source.url);
      return { fileData: { fileUri: source.url, ...(mimeType !== undefined && { mimeType }) } };
    }
    case 'uploaded':
      return source.wire === 'gemini-content' ? { fileData: { fileUri: source.id } } : undefined;
  }
}

function typeByName(url: string): string | undefined {
  const [, ending] = /\.([a-z0-9]{2,5})(?:[?#]|$)/i.exec(url) ?? [];
  const name = ending?.toLowerCase() ?? '';
  return Object.hasOwn(TYPES, name) ? TYPES[name] : undefined;
}
