import { embedText } from './embed-text.ts';

const dimensions = 256;

/** Texts by how near they are to a query, nearest first; equal ones in their order. `score` is 0 to 1. */
export function rankTexts(query: string, texts: readonly string[]): { index: number; score: number }[] {
  const wanted = embedText(query, dimensions);
  return texts
    .map((text, index) => {
      const vector = embedText(text, dimensions);
      const cosine = vector.reduce((sum, value, position) => sum + value * (wanted[position] ?? 0), 0);
      return { index, score: Math.min(1, Math.max(0, cosine)) };
    })
    .sort((one, other) => other.score - one.score);
}
