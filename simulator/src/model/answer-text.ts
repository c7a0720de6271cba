import { createHash } from 'node:crypto';
import type { Behaviour } from '../faults/behaviour.ts';
import { splitTokens } from './count-tokens.ts';

const vocabulary = (
  'amber anchor apple autumn basin beacon birch bridge candle canyon cedar cloud copper coral crane dawn delta ' +
  'ember falcon fern field flint forest garden glacier granite harbor hazel heron island ivory jasper juniper ' +
  'lagoon lantern linen maple marble meadow mint moss north oak ocean olive opal orchard pebble pine plain quartz ' +
  'raven reed ridge river saffron slate spruce stone summit thistle tide'
).split(' ');

const hugeWordBytes = 1024;

/** The whole answer, as tokens that joined are its text, and why it ended. */
export interface AnswerText {
  tokens: string[];
  finishReason: 'stop' | 'length';
}

/**
 * The same prompt, model and choice always give the same words. `limit` is the caller's `max_tokens`.
 * A huge answer is made of words of 1,024 bytes, so that its events stay few.
 */
export function answerText(
  behaviour: Behaviour,
  prompt: string,
  seed: string,
  limit: number | undefined,
): AnswerText {
  const tokens = wholeAnswer(behaviour, prompt, seed);
  if (limit === undefined || tokens.length <= limit) return { tokens, finishReason: 'stop' };
  return { tokens: tokens.slice(0, limit), finishReason: 'length' };
}

function wholeAnswer(behaviour: Behaviour, prompt: string, seed: string): string[] {
  if (behaviour.hugeBytes !== undefined) return hugeAnswer(behaviour.hugeBytes);
  if (behaviour.echo) return splitTokens(prompt);
  return plainWords(prompt, seed, 8, 24, behaviour.words);
}

/** At least `fewest` words and less than `fewest + spread`, or exactly `words`. */
export function plainWords(
  prompt: string,
  seed: string,
  fewest: number,
  spread: number,
  words?: number,
): string[] {
  const digest = createHash('sha256').update(seed).update('\0').update(prompt).digest();
  const length = words ?? fewest + (digest.readUInt8(0) % spread);
  return Array.from({ length }, (_, index) => {
    const byte = digest.readUInt8((index + 1) % digest.length) + Math.floor(index / digest.length) * 7;
    const word = vocabulary[byte % vocabulary.length] ?? 'stone';
    return index + 1 < length ? `${word} ` : `${word}.`;
  });
}

function hugeAnswer(bytes: number): string[] {
  const word = `${'x'.repeat(hugeWordBytes - 1)} `;
  const tokens = Array.from({ length: Math.floor(bytes / hugeWordBytes) }, () => word);
  const rest = bytes % hugeWordBytes;
  return rest ? [...tokens, 'x'.repeat(rest)] : tokens;
}
