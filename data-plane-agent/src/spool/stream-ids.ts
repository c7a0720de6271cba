import { newId } from '@bonito/protocol';
import type { Clock, Random } from '../gateway/ports.ts';

/**
 * Ids of version 7 for streams and instances. Each is greater than the one before, also within a millisecond and when the
 * clock is put back: recovery ends the streams of an instance in the order in which they were begun.
 */
export function streamIds(clock: Clock, random: Random): () => string {
  let last = 0;
  return () => {
    last = Math.max(last + 1, clock.now());
    let digits = '';
    while (digits.length < 19) digits += Math.floor(random.fraction() * 16).toString(16);
    return newId(last, digits);
  };
}
