import { readCacheControl } from '../../chat/cache-hint.ts';
import type {
  CacheHint,
  InputPart,
  MediaSource,
  OtherPart,
  OutputPart,
  TextPart,
} from '../../chat/chat-content.ts';
import { type Extra, isObject, type JsonObject, takeExtra } from '../../chat/wire.ts';
import { readCaller, readCitation } from '../../providers/anthropic-compatible/read-block.ts';
import { readField, requireField } from '../read-field.ts';

const WIRE = 'anthropic-messages';
const CACHE = 'cache_control';
const TEXT_FIELDS = new Set(['type', 'text', 'citations', CACHE]);
const IMAGE_FIELDS = new Set(['type', 'source', CACHE]);
const DOCUMENT_FIELDS = new Set(['type', 'source', 'title', CACHE]);
const THINKING_FIELDS = new Set(['type', 'thinking', 'signature']);
const CALL_FIELDS = new Set(['type', 'id', 'name', 'input', 'caller', CACHE]);

/** A block whose shape is not the documented one stays as it is: Anthropic may know it. */
export function otherBlock(value: unknown): OtherPart {
  return { type: 'other', original: { wire: WIRE, value } };
}

/**
 * What every block may hold besides its own members. A cache hint that says more than others can express is kept as it is
 * besides, so that it is named where it is lost.
 */
export function commonMembers(
  block: JsonObject,
  taken: ReadonlySet<string>,
): { cache?: CacheHint | undefined; extra: Extra | undefined } {
  const given = block[CACHE];
  const whole = readCacheControl(given);
  const extra = takeExtra(WIRE, block, taken);
  if (whole) return { cache: whole, extra };
  if (given === undefined || given === null) return { extra };
  const cache = isObject(given) ? readCacheControl({ type: given.type, ttl: given.ttl }) : undefined;
  return { ...(cache && { cache }), extra: { wire: WIRE, fields: { ...extra?.fields, [CACHE]: given } } };
}

export function readTextBlock(block: JsonObject, path: string): TextPart {
  const text = requireField(block, 'text', 'string', `${path}.`);
  const citations = readField(block, 'citations', 'array', `${path}.`)?.flatMap(readCitation) ?? [];
  return {
    type: 'text',
    text,
    ...(citations.length > 0 && { citations }),
    ...commonMembers(block, TEXT_FIELDS),
  };
}

/** Reads one block of what a user or a tool says. */
export function readInputBlock(block: JsonObject, path: string): InputPart {
  switch (block.type) {
    case 'text':
      return readTextBlock(block, path);
    case 'image': {
      const source = readSource(block.source);
      return source ? { type: 'image', source, ...commonMembers(block, IMAGE_FIELDS) } : otherBlock(block);
    }
    case 'document': {
      const source = readSource(block.source);
      if (!source) return otherBlock(block);
      const title = readField(block, 'title', 'string', `${path}.`);
      return { type: 'file', source, name: title, ...commonMembers(block, DOCUMENT_FIELDS) };
    }
    default:
      return otherBlock(block);
  }
}

/** Reads one block of what the model said in an earlier turn. */
export function readOutputBlock(block: JsonObject, path: string): OutputPart {
  const inside = `${path}.`;
  switch (block.type) {
    case 'text':
      return readTextBlock(block, path);
    case 'thinking': {
      const signature = readField(block, 'signature', 'string', inside);
      return {
        type: 'reasoning',
        text: requireField(block, 'thinking', 'string', inside),
        signature: signature === undefined || signature === '' ? undefined : { value: signature },
        extra: takeExtra(WIRE, block, THINKING_FIELDS),
      };
    }
    case 'redacted_thinking':
      return {
        type: 'reasoning',
        text: '',
        encrypted: { value: requireField(block, 'data', 'string', inside) },
      };
    case 'tool_use': {
      const { cache, extra } = commonMembers(block, CALL_FIELDS);
      return {
        type: 'tool_call',
        id: requireField(block, 'id', 'string', inside),
        name: requireField(block, 'name', 'string', inside),
        arguments: JSON.stringify(block.input ?? {}),
        ...(cache && { cache }),
        extra: readCaller(block.caller, extra),
      };
    }
    default:
      return otherBlock(block);
  }
}

function readSource(source: unknown): MediaSource | undefined {
  if (!isObject(source)) return undefined;
  const { type, data, media_type: mediaType, url, file_id: id } = source;
  if (type === 'base64' && typeof data === 'string' && typeof mediaType === 'string')
    return { kind: 'base64', mediaType, data };
  if (type === 'url' && typeof url === 'string') return { kind: 'url', url };
  if (type === 'text' && typeof data === 'string') return { kind: 'text', text: data };
  return type === 'file' && typeof id === 'string' ? { kind: 'uploaded', wire: WIRE, id } : undefined;
}
