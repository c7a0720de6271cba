import type { Citation } from '../../chat/chat-content.ts';
import { isObject, type JsonObject } from '../../chat/wire.ts';

/** Where Cohere's characters, which are code points, stand in a text of UTF-16 units. */
interface TextPlaces {
  unit(codePoint: number): number;
}

/**
 * Reads a citation. Cohere names all sources of a statement together; the neutral form has one for each.
 *
 * @returns one without a source where there is none that says more than its name
 */
export function readCitations(value: unknown, places: TextPlaces): Citation[] {
  if (!isObject(value)) return [];
  const { start, end, sources } = value;
  // Places in a plan or a thought are none of the text.
  const inText = value.type === undefined || value.type === 'TEXT_CONTENT';
  const ranged = inText && typeof start === 'number' && typeof end === 'number';
  const common = {
    ...(ranged && { start: places.unit(start), end: places.unit(end) }),
    original: { wire: 'cohere-chat', value },
  } as const;
  const named = (Array.isArray(sources) ? sources : []).flatMap((source: unknown) => {
    const document = isObject(source) ? (source.document ?? source.tool_output) : undefined;
    return isObject(document) ? [{ ...readDocument(document), ...common }] : [];
  });
  return named.length === 0 ? [common] : named;
}

function readDocument(document: JsonObject): Pick<Citation, 'url' | 'title' | 'quote'> {
  const url = text(document.url);
  const title = text(document.title);
  const quote = text(document.snippet) ?? text(document.text) ?? text(document.content);
  return {
    ...(url !== undefined && { url }),
    ...(title !== undefined && { title }),
    ...(quote !== undefined && { quote }),
  };
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Remembers only the characters that take two units: most texts have none. */
export class GrowingText implements TextPlaces {
  private readonly wide: number[] = [];
  private points = 0;

  add(piece: string): void {
    if (!/[\ud800-\udbff]/.test(piece)) {
      this.points += piece.length;
      return;
    }
    for (const character of piece) {
      if (character.length === 2) this.wide.push(this.points);
      this.points++;
    }
  }

  unit(codePoint: number): number {
    let before = 0;
    for (const place of this.wide) {
      if (place >= codePoint) break;
      before++;
    }
    return codePoint + before;
  }
}
