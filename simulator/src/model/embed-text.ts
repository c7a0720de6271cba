import { createHash } from 'node:crypto';

const mostWords = 256;

/**
 * A unit vector for a text: the sum of one fixed pseudo-random direction for each of its words (the first 256 different
 * ones). So the same text always gives the same vector, and texts that share words are near each other.
 */
export function embedText(text: string, dimensions: number): Float32Array {
  const words = new Set(text.toLowerCase().split(/\s+/));
  const sum = new Float64Array(dimensions);
  let count = 0;
  for (const word of words) {
    if (count++ === mostWords) break;
    addDirection(sum, createHash('sha256').update(word).digest().readUInt32LE(0));
  }
  const length = Math.hypot(...sum);
  return Float32Array.from(sum, (value) => value / length);
}

/** Adds numbers between -1 and 1 from a 32-bit xorshift generator (Marsaglia, 2003), which a zero seed would stop. */
function addDirection(sum: Float64Array, seed: number): void {
  let state = seed || 1;
  for (let index = 0; index < sum.length; index++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    sum[index] = (sum[index] ?? 0) + state / 0x8000_0000;
  }
}
