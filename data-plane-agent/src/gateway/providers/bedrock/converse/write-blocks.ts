import type { CacheHint, InputPart, TextPart } from '../../../chat/chat-content.ts';
import type { DroppedFields } from '../../../chat/dropped-fields.ts';
import { isObject, type JsonObject, type Original } from '../../../chat/wire.ts';
import type { ClaudeTraits } from '../../anthropic-compatible/claude-models.ts';
import type { FamilyTraits } from './family-traits.ts';
import { writeAudio, writeFile, writeImage } from './write-media.ts';

/** What is needed to write the blocks of one request. */
export interface WriteContext {
  readonly dropped: DroppedFields;
  readonly traits: FamilyTraits;
  /** What the model takes, where it is a Claude. */
  readonly claude: ClaudeTraits | undefined;
  /** Names of the documents written so far. */
  readonly documentNames: Set<string>;
  /** Media of tool results that have to follow these. */
  readonly afterResults: JsonObject[];
}

/** Words that say nothing, for places that have to hold some; blank ones are refused. */
export const NOTHING: JsonObject = { text: '.' };

/**
 * Adds a block, and the cache point behind it. Bedrock takes no point at the beginning, behind another one, behind reasoning,
 * videos, or documents other than PDF: it goes before those, which is noted.
 */
export function pushBlock(
  content: JsonObject[],
  block: JsonObject | undefined,
  cache: CacheHint | undefined,
  path: string,
  context: WriteContext,
): void {
  if (block) content.push(block);
  if (cache === undefined) return;
  const place = content.findLastIndex((before) => !isUnpointable(before)) + 1;
  const point =
    place === 0 || content[place - 1]?.cachePoint ? undefined : writeCachePoint(cache, path, context);
  if (point) content.splice(place, 0, point);
  if (point && place < content.length - 1) context.dropped.add(`${path}.cache_control.position`);
  if (!point) context.dropped.add(`${path}.cache_control`);
}

function isUnpointable({ reasoningContent, video, document }: JsonObject): boolean {
  return Boolean(reasoningContent ?? video) || (isObject(document) && document.format !== 'pdf');
}

/** Undefined where the family has no cache points; the caller notes that. Five minutes are what Bedrock does unasked. */
export function writeCachePoint(
  cache: CacheHint,
  path: string,
  context: WriteContext,
): JsonObject | undefined {
  if (context.traits.cachePoints === 'nowhere') return undefined;
  const long = cache.ttl === '1h';
  if (long && !context.traits.longCache) context.dropped.add(`${path}.cache_control.ttl`);
  return { cachePoint: { type: 'default', ...(long && context.traits.longCache && { ttl: '1h' }) } };
}

/** Bedrock refuses text that is blank: an empty one says nothing, white space is noted. */
export function writeText(part: TextPart, path: string, { dropped }: WriteContext): JsonObject | undefined {
  dropped.keepExtra(part.extra, path);
  if (part.text.trim() !== '') return { text: part.text };
  if (part.text !== '') dropped.add(path);
  return undefined;
}

/** Writes what a user or a tool says; undefined when the wire cannot express it, which is then noted. */
export function writeInput(part: InputPart, path: string, context: WriteContext): JsonObject | undefined {
  const { dropped } = context;
  switch (part.type) {
    case 'text':
      if (part.citations?.length) dropped.add(`${path}.citations`);
      return writeText(part, path, context);
    case 'image':
      return writeImage(part, path, dropped);
    case 'audio':
      return writeAudio(part, path, dropped);
    case 'file':
      return writeFile(part, path, dropped, context.documentNames);
    case 'other': {
      const found = writeSearchResult(part.original);
      if (found) return found;
      const original = dropped.keepOriginal(part.original, path);
      return isObject(original) ? original : undefined;
    }
  }
}

/** What a client searched itself has the same members here as on Claude's own wire. */
function writeSearchResult({ wire, value }: Original): JsonObject | undefined {
  if (wire !== 'anthropic-messages' || !isObject(value) || value.type !== 'search_result') return undefined;
  const { source, title, content, citations } = value;
  const texts = Array.isArray(content)
    ? content.map((block) =>
        isObject(block) && typeof block.text === 'string' ? { text: block.text } : undefined,
      )
    : [undefined];
  if (typeof source !== 'string' || typeof title !== 'string' || texts.includes(undefined)) return undefined;
  const cited = isObject(citations) && typeof citations.enabled === 'boolean';
  return {
    searchResult: {
      source,
      title,
      content: texts,
      ...(cited && { citations: { enabled: citations.enabled } }),
    },
  };
}
