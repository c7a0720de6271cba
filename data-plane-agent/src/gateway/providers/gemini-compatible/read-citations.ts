import type { Citation } from '../../chat/chat-content.ts';
import { isObject, type JsonObject } from '../../chat/wire.ts';

/** A citation, and the part of the candidate that it belongs to, where that is said. */
export interface PlacedCitation {
  readonly citation: Citation;
  readonly part?: number | undefined;
  /** A source that no statement is said to rest on. */
  readonly loose?: boolean | undefined;
}

/**
 * Reads where a candidate's statements come from: what it is grounded on, and what it quotes at length.
 *
 * @param textOf the text of a part by its index, where it is at hand: Gemini counts in bytes of UTF-8 there
 */
export function readCitations(
  candidate: JsonObject,
  textOf?: (part: number) => string | undefined,
): PlacedCitation[] {
  const { groundingMetadata: grounding, citationMetadata: quoted } = candidate;
  const citations: PlacedCitation[] = [];
  if (isObject(grounding)) readGrounding(grounding, textOf, citations);
  if (isObject(quoted)) {
    const list: unknown = quoted.citations ?? quoted.citationSources;
    for (const one of Array.isArray(list) ? list : []) {
      if (!isObject(one)) continue;
      const original = { wire: 'gemini-content', value: { citation: one } } as const;
      citations.push({ citation: { url: textIn(one.uri), title: textIn(one.title), original } });
    }
  }
  return citations;
}

function readGrounding(
  grounding: JsonObject,
  textOf: ((part: number) => string | undefined) | undefined,
  citations: PlacedCitation[],
): void {
  const chunks: unknown[] = Array.isArray(grounding.groundingChunks) ? grounding.groundingChunks : [];
  const supports: unknown[] = Array.isArray(grounding.groundingSupports) ? grounding.groundingSupports : [];
  const supported = new Set<number>();
  for (const support of supports) {
    if (!isObject(support) || !Array.isArray(support.groundingChunkIndices)) continue;
    for (const index of support.groundingChunkIndices) {
      const source = sourceOf(chunks[Number(index)]);
      if (!source) continue;
      supported.add(Number(index));
      const value = { groundingChunk: chunks[Number(index)], groundingSupport: support };
      citations.push({
        citation: {
          ...source,
          ...positions(support.segment, textOf),
          original: { wire: 'gemini-content', value },
        },
        part: partIn(support.segment),
      });
    }
  }
  chunks.forEach((chunk, index) => {
    const source = supported.has(index) ? undefined : sourceOf(chunk);
    if (!source) return;
    const original = { wire: 'gemini-content', value: { groundingChunk: chunk } } as const;
    citations.push({ citation: { ...source, original }, loose: true });
  });
}

function sourceOf(chunk: unknown): Pick<Citation, 'url' | 'title' | 'quote'> | undefined {
  if (!isObject(chunk)) return undefined;
  for (const kind of ['web', 'retrievedContext', 'maps', 'image']) {
    const found = chunk[kind];
    if (!isObject(found)) continue;
    const quote = kind === 'web' ? undefined : textIn(found.text);
    return { url: textIn(found.uri) ?? textIn(found.sourceUri), title: textIn(found.title), quote };
  }
  return undefined;
}

function positions(
  segment: unknown,
  textOf: ((part: number) => string | undefined) | undefined,
): Pick<Citation, 'start' | 'end'> {
  if (!isObject(segment) || typeof segment.endIndex !== 'number') return {};
  const text = textOf?.(typeof segment.partIndex === 'number' ? segment.partIndex : 0);
  if (text === undefined) return {};
  const bytes = Buffer.from(text);
  const from = typeof segment.startIndex === 'number' ? segment.startIndex : 0;
  return {
    start: bytes.subarray(0, from).toString().length,
    end: bytes.subarray(0, segment.endIndex).toString().length,
  };
}

function partIn(segment: unknown): number | undefined {
  return isObject(segment) && typeof segment.partIndex === 'number' ? segment.partIndex : undefined;
}

function textIn(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
