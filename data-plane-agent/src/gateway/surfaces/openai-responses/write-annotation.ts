import type { Citation } from '../../chat/chat-content.ts';
import type { JsonObject } from '../../chat/wire.ts';

/** One `url_citation`; undefined for a source without an address, which the API has no form for. */
export function writeAnnotation(citation: Citation, length: number): JsonObject | undefined {
  const { url, title, start, end, original } = citation;
  if (original.wire === 'openai-responses') return original.value as JsonObject;
  if (url === undefined) return undefined;
  return { type: 'url_citation', url, title: title ?? '', start_index: start ?? 0, end_index: end ?? length };
}
