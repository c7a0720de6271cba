import type { AudioPart, FilePart, ImagePart, MediaSource } from '../../../chat/chat-content.ts';
import type { DroppedFields } from '../../../chat/dropped-fields.ts';
import { isObject, type JsonObject } from '../../../chat/wire.ts';

const IMAGE_FORMATS: Readonly<Record<string, string>> = {
  'image/png': 'png',
  'image/jpeg': 'jpeg',
  'image/jpg': 'jpeg',
  'image/gif': 'gif',
  'image/webp': 'webp',
};
const AUDIO_FORMATS: Readonly<Record<string, string>> = {
  'audio/mpeg': 'mp3',
  'audio/mp3': 'mp3',
  'audio/wav': 'wav',
  'audio/x-wav': 'wav',
  'audio/wave': 'wav',
  'audio/flac': 'flac',
  'audio/ogg': 'ogg',
  'audio/opus': 'opus',
  'audio/aac': 'aac',
  'audio/mp4': 'mp4',
  'audio/m4a': 'm4a',
  'audio/x-m4a': 'm4a',
  'audio/webm': 'webm',
  'audio/pcm': 'pcm',
};
const VIDEO_FORMATS: Readonly<Record<string, string>> = {
  'video/mp4': 'mp4',
  'video/quicktime': 'mov',
  'video/mov': 'mov',
  'video/webm': 'webm',
  'video/x-matroska': 'mkv',
  'video/x-flv': 'flv',
  'video/mpeg': 'mpeg',
  'video/mpg': 'mpg',
  'video/wmv': 'wmv',
  'video/x-ms-wmv': 'wmv',
  'video/3gpp': 'three_gp',
};
const DOCUMENT_FORMATS: Readonly<Record<string, string>> = {
  'application/pdf': 'pdf',
  'text/csv': 'csv',
  'application/msword': 'doc',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': 'docx',
  'application/vnd.ms-excel': 'xls',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': 'xlsx',
  'text/html': 'html',
  'text/plain': 'txt',
  'text/markdown': 'md',
};
/** Types that are plain text, whatever it says. */
const PLAIN_TEXT = /^(?:text\/|application\/(?:json|xml|x-yaml|yaml)$)/;
const LONGEST_NAME = 200;

/** Writes an image; undefined when Bedrock cannot take it, which is then noted under `path`. */
export function writeImage(part: ImagePart, path: string, dropped: DroppedFields): JsonObject | undefined {
  const image = writeBytes(part.source, IMAGE_FORMATS);
  if (image === undefined) return drop(path, dropped);
  // `auto` leaves it to the provider, which is all that Bedrock knows.
  if (part.detail !== undefined && part.detail !== 'auto') dropped.add(`${path}.detail`);
  dropped.keepExtra(part.extra, path);
  return { image };
}

/** Writes a sound, as `writeImage`. */
export function writeAudio(part: AudioPart, path: string, dropped: DroppedFields): JsonObject | undefined {
  const audio = writeBytes(part.source, AUDIO_FORMATS);
  if (audio === undefined) return drop(path, dropped);
  if (part.transcript !== undefined) dropped.add(`${path}.transcript`);
  dropped.keepExtra(part.extra, path);
  return { audio };
}

/**
 * Writes a file: a document, or what its media type says it is besides.
 *
 * @param names of the documents before it in lower case, which Bedrock wants to be all different; the new one is added
 */
export function writeFile(
  part: FilePart,
  path: string,
  dropped: DroppedFields,
  names: Set<string>,
): JsonObject | undefined {
  const { source } = part;
  const audio = writeBytes(source, AUDIO_FORMATS);
  const image = writeBytes(source, IMAGE_FORMATS);
  const video = writeBytes(source, VIDEO_FORMATS);
  if (audio ?? image ?? video) {
    dropped.keepExtra(part.extra, path);
    return audio ? { audio } : image ? { image } : { video };
  }
  const document = writeDocument(source, part.name);
  if (document === undefined) return drop(path, dropped);
  const name = documentName(part.name, names);
  return { document: { ...document, name, ...writeDocumentExtra(part, path, dropped) } };
}

/** The format by the media type; where that says nothing, by the file's name. */
function writeDocument(source: MediaSource, name: string | undefined): JsonObject | undefined {
  if (source.kind === 'text') {
    return { format: 'txt', source: { bytes: Buffer.from(source.text).toString('base64') } };
  }
  const known = writeBytes(source, DOCUMENT_FORMATS);
  if (known || source.kind === 'uploaded') return known;
  const type = mediaType(source);
  if (PLAIN_TEXT.test(type)) return writeAs('txt', source);
  const ending = name?.split('.').at(-1)?.toLowerCase();
  const format = Object.values(DOCUMENT_FORMATS).find((each) => each === ending);
  const silent = type === '' || type === 'application/octet-stream';
  return silent && format !== undefined ? writeAs(format, source) : undefined;
}

function mediaType(source: MediaSource): string {
  const given = source.kind === 'base64' || source.kind === 'url' ? source.mediaType : undefined;
  return given?.split(';')[0]?.trim().toLowerCase() ?? '';
}

function writeBytes(source: MediaSource, formats: Readonly<Record<string, string>>): JsonObject | undefined {
  const type = mediaType(source);
  const format = Object.hasOwn(formats, type) ? formats[type] : undefined;
  return format === undefined ? undefined : writeAs(format, source);
}

function writeAs(format: string, source: MediaSource): JsonObject | undefined {
  if (source.kind === 'base64') return { format, source: { bytes: source.data } };
  const inS3 = source.kind === 'url' && source.url.startsWith('s3://');
  return inS3 ? { format, source: { s3Location: { uri: source.url } } } : undefined;
}

/**
 * The name that Bedrock takes: letters, digits, single spaces, hyphens, round and square brackets. The same one for the same
 * conversation, so that a cached prompt stays the same.
 */
function documentName(wanted: string | undefined, names: Set<string>): string {
  const clean = (wanted ?? '')
    .replace(/[^a-zA-Z0-9\s\-()[\]]/g, '-')
    .replace(/\s+/g, ' ')
    .slice(0, LONGEST_NAME - 6)
    .trim();
  const stem = /[a-zA-Z0-9]/.test(clean) ? clean : 'document';
  let name = stem;
  for (let count = 2; names.has(name.toLowerCase()); count++) name = `${stem} (${count})`;
  names.add(name.toLowerCase());
  return name;
}

/** Claude's own settings of a document have the same names and forms here as on its own wire. */
function writeDocumentExtra(part: FilePart, path: string, dropped: DroppedFields): JsonObject {
  if (part.extra?.wire !== 'anthropic-messages') return dropped.keepExtra(part.extra, path);
  const { citations, context, ...rest } = part.extra.fields;
  for (const name of Object.keys(rest)) dropped.add(`${path}.${name}`);
  return {
    ...(typeof context === 'string' && { context }),
    ...(isObject(citations) && citations.enabled === true && { citations: { enabled: true } }),
  };
}

function drop(path: string, dropped: DroppedFields): undefined {
  dropped.add(path);
  return undefined;
}
