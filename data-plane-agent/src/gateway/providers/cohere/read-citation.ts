import type { Citation } from '../../chat/chat-content.ts';
import { isObject } from '../../chat/wire.ts';

/** Where Cohere's characters, which are code points, stand in a text of UTF-16 units. */
interface TextPlaces {
  unit(codePoint: number): number;
}

/**
 * Reads a citation. The neutral form has one source for each; the first one that names itself is taken, all of them stay in
 * the original.
 */
export function readCitation(value: unknown, places: TextPlaces): Citation | undefined {
  if (!isObject(value)) return undefined;
  const sources = Array.isArray(value.sources) ? value.sources.filter(isObject) : [];
  const document = sources.map((source) => source.document ?? source.tool_output).find(isObject) ?? {};
  const quote = text(document.snippet) ?? text(document.text) ?? text(document.content);
  const url = text(document.url);
  const title = text(document.title);
  const { start, end } = value;
  const ranged = typeof start === 'number' && typeof end === 'number' && value.type !== 'PLAN';
  return {
    ...(url !== undefined && { url }),
    ...(title !== undefined && { title }),
    ...(quote !== undefined && { quote }),
    ...(ranged && { start: places.unit(start), end: places.unit(end) }),
    original: { wire: 'cohere-chat', value },
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
