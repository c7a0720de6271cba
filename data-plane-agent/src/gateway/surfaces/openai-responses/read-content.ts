import { readCacheControl } from '../../chat/cache-hint.ts';
import type { Citation, InputPart, OtherPart, OutputPart, TextPart } from '../../chat/chat-content.ts';
import { readMediaUrl } from '../../chat/data-url.ts';
import { isObject, type JsonObject, takeExtra } from '../../chat/wire.ts';
import { GatewayError } from '../../errors/gateway-error.ts';
import { readField, requireField, requireObject } from '../read-field.ts';

export const WIRE = 'openai-responses';
const CACHE_FIELDS = ['cache_control', 'prompt_cache_breakpoint'];
const TEXT_FIELDS = new Set(['type', 'text', 'annotations', 'logprobs', ...CACHE_FIELDS]);
const IMAGE_FIELDS = new Set(['type', 'image_url', 'file_id', 'detail', ...CACHE_FIELDS]);
const AUDIO_FIELDS = new Set(['type', 'input_audio', ...CACHE_FIELDS]);
const FILE_FIELDS = new Set(['type', 'file_data', 'file_url', 'file_id', 'filename', ...CACHE_FIELDS]);
const TEXT_TYPES: ReadonlySet<unknown> = new Set(['input_text', 'output_text', 'text']);

/** Something whose shape is not the documented one stays as it is. */
export function other(value: unknown): OtherPart {
  return { type: 'other', original: { wire: WIRE, value } };
}

/**
 * What every part may hold besides its own members. `prompt_cache_breakpoint` marks the end of what is worth keeping, as
 * Anthropic's `cache_control` does, which clients send to gateways in this wire too. Other shapes stay extra members.
 */
function common(part: JsonObject, taken: ReadonlySet<string>) {
  const cache = readCacheControl(part.cache_control) ?? (isBreakpoint(part) ? {} : undefined);
  const extra = takeExtra(WIRE, part, taken);
  if (cache) return { cache, extra };
  const left = CACHE_FIELDS.filter((name) => part[name] !== undefined && part[name] !== null);
  if (left.length === 0) return { extra };
  const fields = Object.fromEntries(left.map((name) => [name, part[name]]));
  return { extra: { wire: WIRE, fields: { ...extra?.fields, ...fields } } as const };
}

function isBreakpoint({ prompt_cache_breakpoint: breakpoint }: JsonObject): boolean {
  return isObject(breakpoint) && breakpoint.mode === 'explicit' && Object.keys(breakpoint).length === 1;
}

function readText(part: JsonObject, path: string): TextPart {
  const citations = (readField(part, 'annotations', 'array', `${path}.`) ?? []).map(readAnnotation);
  return {
    type: 'text',
    text: requireField(part, 'text', 'string', `${path}.`),
    ...(citations.length > 0 && { citations }),
    ...common(part, TEXT_FIELDS),
  };
}

/** Reads one annotation of an earlier answer; those that name no address keep their own form alone. */
export function readAnnotation(value: unknown): Citation {
  const original = { wire: WIRE, value } as const;
  if (!isObject(value) || typeof value.url !== 'string') return { original };
  const { url, title, start_index: start, end_index: end } = value;
  return {
    url,
    ...(typeof title === 'string' && { title }),
    ...(typeof start === 'number' && { start }),
    ...(typeof end === 'number' && { end }),
    original,
  };
}

function readImage(part: JsonObject, path: string): InputPart {
  const url = readField(part, 'image_url', 'string', `${path}.`);
  const id = readField(part, 'file_id', 'string', `${path}.`);
  if ((url === undefined) === (id === undefined)) return other(part);
  return {
    type: 'image',
    source: url === undefined ? { kind: 'uploaded', wire: WIRE, id: id ?? '' } : readMediaUrl(url),
    detail: readField(part, 'detail', 'string', `${path}.`),
    ...common(part, IMAGE_FIELDS),
  };
}

function readAudio(part: JsonObject): InputPart {
  const { data, format, ...more } = isObject(part.input_audio) ? part.input_audio : {};
  if (typeof data !== 'string' || (format !== 'wav' && format !== 'mp3') || Object.keys(more).length > 0)
    return other(part);
  const mediaType = format === 'mp3' ? 'audio/mpeg' : 'audio/wav';
  return { type: 'audio', source: { kind: 'base64', mediaType, data }, ...common(part, AUDIO_FIELDS) };
}

function readFile(part: JsonObject, path: string): InputPart {
  const inside = `${path}.`;
  const data = readField(part, 'file_data', 'string', inside);
  const url = readField(part, 'file_url', 'string', inside);
  const id = readField(part, 'file_id', 'string', inside);
  const name = readField(part, 'filename', 'string', inside);
  if ([data, url, id].filter((one) => one !== undefined).length !== 1) return other(part);
  const more = { name, ...common(part, FILE_FIELDS) };
  if (id !== undefined) return { type: 'file', source: { kind: 'uploaded', wire: WIRE, id }, ...more };
  if (url !== undefined) return { type: 'file', source: { kind: 'url', url }, ...more };
  const source = readMediaUrl(data ?? '');
  return source.kind === 'base64' ? { type: 'file', source, ...more } : other(part);
}

/** Reads one part of what a user or a tool says. */
export function readInputPart(value: unknown, path: string): InputPart {
  const part = requireObject(value, path);
  if (TEXT_TYPES.has(part.type)) return readText(part, path);
  if (part.type === 'input_image') return readImage(part, path);
  if (part.type === 'input_file') return readFile(part, path);
  return part.type === 'input_audio' ? readAudio(part) : other(part);
}

/** Reads one part of a message that holds nothing but text, such as the system's. */
export function readTextPart(value: unknown, path: string): TextPart | OtherPart {
  const part = requireObject(value, path);
  return TEXT_TYPES.has(part.type) ? readText(part, path) : other(part);
}

/** Reads one part of what the model said in an earlier turn. */
export function readOutputPart(value: unknown, path: string): OutputPart {
  const part = requireObject(value, path);
  if (part.type !== 'refusal') return readTextPart(part, path);
  return { type: 'refusal', text: requireField(part, 'refusal', 'string', `${path}.`) };
}

/**
 * Reads a message's `content` or a call's `output`: a string or a list of parts.
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
  if (Array.isArray(content)) return content.map((part, index) => readPart(part, `${path}[${index}]`));
  throw new GatewayError('invalid_type', {
    param: path,
    detail: 'It has to be a string or a list of parts.',
  });
}
