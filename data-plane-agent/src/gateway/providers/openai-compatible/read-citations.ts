import type { Citation, TextPart } from '../../chat/chat-content.ts';
import { isObject, type JsonObject } from '../../chat/wire.ts';

const WIRE = 'openai-chat';

/**
 * The sources of a whole answer, which no place in its text is given for: Perplexity's `search_results`, or the addresses
 * alone in `citations`. Undefined when it names none.
 */
export function readSources(answer: JsonObject): Citation[] | undefined {
  const list = nonEmptyList(answer.search_results) ?? nonEmptyList(answer.citations);
  return list?.flatMap((source): Citation[] => {
    const original = { wire: WIRE, value: source } as const;
    if (typeof source === 'string') return [{ url: source, original }];
    if (!isObject(source) || typeof source.url !== 'string') return [];
    const { url, title, snippet } = source;
    return [
      {
        url,
        title: typeof title === 'string' ? title : undefined,
        quote: typeof snippet === 'string' && snippet !== '' ? snippet : undefined,
        original,
      },
    ];
  });
}

function nonEmptyList(value: unknown): readonly unknown[] | undefined {
  return Array.isArray(value) && value.length > 0 ? value : undefined;
}

/** Text with OpenAI's `annotations`. */
export function withAnnotations(
  text: string,
  annotations: unknown,
  sources: readonly Citation[] = [],
): TextPart {
  const own = Array.isArray(annotations) ? annotations.flatMap(readAnnotation) : [];
  const citations = [...own, ...sources];
  return citations.length === 0 ? { type: 'text', text } : { type: 'text', text, citations };
}

export function readAnnotation(annotation: unknown): Citation[] {
  const cited = isObject(annotation) ? annotation.url_citation : undefined;
  if (!isObject(cited) || typeof cited.url !== 'string') return [];
  return [
    {
      url: cited.url,
      title: typeof cited.title === 'string' ? cited.title : undefined,
      // OpenRouter's.
      quote: typeof cited.content === 'string' ? cited.content : undefined,
      start: typeof cited.start_index === 'number' ? cited.start_index : undefined,
      end: typeof cited.end_index === 'number' ? cited.end_index : undefined,
      original: { wire: WIRE, value: annotation },
    },
  ];
}
