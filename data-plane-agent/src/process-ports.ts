import { newId } from '@bonito/protocol';
import type { Clock, Random } from './gateway/ports.ts';

/** Time of the running process. */
export const processClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
};

/** Chance of the running process. */
export const processRandom: Random = {
  id: () => newId(),
  fraction: () => Math.random(),
};
