import { createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';

/** Every configured thing, request, record, stream and instance is named by a UUID in lower case. */
export const idSchema = z.string().regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/);

/** SHA-256 in lower-case hexadecimal. */
export const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/);

/** What a deployment or a route is called by clients: the model name of their requests. */
export const modelNameSchema = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,199}$/);

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/**
 * A UUID of version 7 (RFC 9562): sorts by time, so that indexes grow at one end.
 *
 * @param now milliseconds since 1970
 * @param random ten bytes of randomness; given by tests and simulations
 */
export function newId(now: number = Date.now(), random: Uint8Array = randomBytes(10)): string {
  const hex = (index: number) => HEX[random[index] ?? 0] ?? '00';
  const time = Math.floor(now).toString(16).padStart(12, '0');
  const version = HEX[0x70 | ((random[0] ?? 0) & 0x0f)] ?? '70';
  const variant = HEX[0x80 | ((random[2] ?? 0) & 0x3f)] ?? '80';
  const tail = hex(4) + hex(5) + hex(6) + hex(7) + hex(8) + hex(9);
  return `${time.slice(0, 8)}-${time.slice(8)}-${version}${hex(1)}-${variant}${hex(3)}-${tail}`;
}

/** SHA-256 of text (as UTF-8) or bytes, in lower-case hexadecimal. */
export function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}
