import { createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';

/** Every configured thing, request, record, stream and instance is named by a UUID in lower case. */
export const idSchema = z.string().regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/);

/** SHA-256 in lower-case hexadecimal. */
export const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/);

/** What a deployment or a route is called by clients: the model name of their requests. */
export const modelNameSchema = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,199}$/);

/** Random hexadecimal digits, made many at a time: asking for a few costs as much as asking for thousands. */
let digits = '';
let used = 0;

function randomDigits(count: number): string {
  if (used + count > digits.length) {
    digits = randomBytes(8_192).toString('hex');
    used = 0;
  }
  used += count;
  return digits.slice(used - count, used);
}

let lastTime = -1;
let timePart = '';

/**
 * A UUID of version 7 (RFC 9562): sorts by time, so that indexes grow at one end.
 *
 * @param now milliseconds since 1970
 * @param random 19 hexadecimal digits of randomness; given by tests and simulations
 */
export function newId(now: number = Date.now(), random: string = randomDigits(19)): string {
  const time = Math.floor(now);
  if (time !== lastTime) {
    const hex = time.toString(16).padStart(12, '0');
    timePart = `${hex.slice(0, 8)}-${hex.slice(8)}-7`;
    lastTime = time;
  }
  const variant = VARIANTS[Number.parseInt(random[3] ?? '0', 16) & 3];
  return `${timePart}${random.slice(0, 3)}-${variant}${random.slice(4, 7)}-${random.slice(7)}`;
}

const VARIANTS = '89ab';

/** SHA-256 of text (as UTF-8) or bytes, in lower-case hexadecimal. */
export function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}
