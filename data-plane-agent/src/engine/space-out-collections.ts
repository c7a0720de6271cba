import { setFlagsFromString } from 'node:v8';

/** Percent by which the old generation may grow from one full collection to the next. */
const GROWTH = 150;

/**
 * Lets the old generation grow to two and a half times what lives in it before it is collected. V8 would choose a tenth more than
 * that, since little survives here: then a few megabytes, such as a new configuration's, bring one full collection after
 * another, each of which takes 60 to 80 ms of CPU. V8 reads the flag after each collection.
 */
export function spaceOutCollections(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH}`);
}
