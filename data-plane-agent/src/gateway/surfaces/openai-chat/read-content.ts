import { readCacheControl } from '../../chat/cache-hint.ts';
import type { InputPart, OtherPart, TextPart } from '../../chat/chat-content.ts';
import { readMediaUrl } from '../../chat/data-url.ts';
import { isObject, type JsonObject, takeExtra } from '../../chat/wire.ts';
import { GatewayError } from '../../errors/gateway-error.ts';
import { requireObject } from '../read-field.ts';

const WIRE = 'openai-chat';
const CACHE = 'cache_control';
const TEXT_FIELDS = new Set(['type', 'text', CACHE]);
const IMAGE_FIELDS = new Set(['type', 'image_url', CACHE]);
const AUDIO_FIELDS = new Set(['type', 'input_audio', CACHE]);
/** OpenAI takes `wav` and `mp3`; other servers `flac`, `ogg`, `m4a` and more. */
const AUDIO_FORMAT = /^[a-z0-9]{2,8}$/;
const FILE_FIELDS = new Set(['type', 'file', CACHE]);

/** A part whose shape is not the documented one stays as it is: the provider may know it. */
function other(value: unknown): OtherPart {
  return { type: 'other', original: { wire: WIRE, value } };
}

/** What every part may hold besides its own members. A cache hint of another shape stays an extra. */
function common(part: JsonObject, taken: ReadonlySet<string>) {
  const cache = readCacheControl(part[CACHE]);
  const extra = takeExtra(WIRE, part, taken);
  if (cache) return { cache, extra };
  if (part[CACHE] === undefined) return { extra };
  return { extra: { wire: WIRE, fields: { ...extra?.fields, [CACHE]: part[CACHE] } } as const };
}

/** Whether an object has no members but these, so that nothing is lost by reading them. */
function hasOnly(object: JsonObject, ...names: string[]): boolean {
  return Object.keys(object).every((name) => names.includes(name));
}

function readImage(part: JsonObject): InputPart {
  // Clients of other servers give the address itself.
  const image = typeof part.image_url === 'string' ? { url: part.image_url } : part.image_url;
  if (!isObject(image) || typeof image.url !== 'string' || !hasOnly(image, 'url', 'detail'))
    return other(part);
  const detail = image.detail ?? undefined;
  if (detail !== undefined && typeof detail !== 'string') return other(part);
  return {
    type: 'image',
    source: readMediaUrl(image.url),
    detail,
    ...common(part, IMAGE_FIELDS),
  };
}

function readAudio(part: JsonObject): InputPart {
  const audio = part.input_audio;
  if (!isObject(audio) || !hasOnly(audio, 'data', 'format')) return other(part);
  const { data, format } = audio;
  if (typeof data !== 'string' || typeof format !== 'string' || !AUDIO_FORMAT.test(format))
    return other(part);
  const mediaType = format === 'mp3' ? 'audio/mpeg' : `audio/${format}`;
  return {
    type: 'audio',
    source: { kind: 'base64', mediaType, data },
    ...common(part, AUDIO_FIELDS),
  };
}

function readFile(part: JsonObject): InputPart {
  const file = part.file;
  if (!isObject(file) || !hasOnly(file, 'file_data', 'file_id', 'filename')) return other(part);
  const { data, id, name } = {
    data: file.file_data ?? undefined,
    id: file.file_id ?? undefined,
    name: file.filename ?? undefined,
  };
  if (name !== undefined && typeof name !== 'string') return other(part);
  const more = common(part, FILE_FIELDS);
  if (typeof id === 'string' && data === undefined) {
    return { type: 'file', source: { kind: 'uploaded', wire: WIRE, id }, name, ...more };
  }
  const source = typeof data === 'string' && id === undefined ? readMediaUrl(data) : undefined;
  // Servers that read files themselves take an address too.
  const isFile = source?.kind === 'base64' || (source?.kind === 'url' && /^https?:/.test(source.url));
  return isFile ? { type: 'file', source, name, ...more } : other(part);
}

const READERS: Readonly<Record<string, (part: JsonObject) => InputPart>> = {
  image_url: readImage,
  input_audio: readAudio,
  file: readFile,
};

function readText(part: JsonObject): TextPart | OtherPart {
  if (typeof part.text !== 'string') return other(part);
  return { type: 'text', text: part.text, ...common(part, TEXT_FIELDS) };
}

/** Reads one part of a message that holds nothing but text, such as the system's. */
export function readTextPart(value: unknown, path: string): TextPart | OtherPart {
  const part = requireObject(value, path);
  return part.type === 'text' ? readText(part) : other(part);
}

/** Reads one part of a user's or a tool's message. */
export function readInputPart(value: unknown, path: string): InputPart {
  const part = requireObject(value, path);
  if (part.type === 'text') return readText(part);
  const type = typeof part.type === 'string' ? part.type : '';
  const read = Object.hasOwn(READERS, type) ? READERS[type] : undefined;
  return read ? read(part) : other(part);
}

/**
 * Reads a message's `content`: a string or a list of parts.
 *
 * @throws GatewayError `invalid_type`
 */
export function readContent<Part>(
  content: unknown,
  readPart: (value: unknown, path: string) => Part,
  path: string,
): (Part | TextPart)[] {
  if (content === undefined || content === null) return [];
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  if (!Array.isArray(content)) {
    throw new GatewayError('invalid_type', {
      param: path,
      detail: 'It has to be a string or a list of parts.',
    });
  }
  return content.map((part, index) => readPart(part, `${path}[${index}]`));
}
