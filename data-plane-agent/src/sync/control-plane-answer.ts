import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { Dispatcher } from 'undici';
import { ControlPlaneError } from './control-plane-error.ts';

/** The answer to a call: headers in lower case, the body decompressed. */
export interface ControlPlaneAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

const unzip = promisify(gunzip);

/** Throws for a status that is no success: what went wrong, and whether it may pass. */
export function refuseStatus(what: string, { status, headers }: ControlPlaneAnswer): void {
  if (status < 300 || status === 304) return;
  const detail = { what: `${what} was answered with ${status}`, status, retryAfter: readRetryAfter(headers) };
  if (status < 400) throw new ControlPlaneError('answer_malformed', detail);
  if (status === 401 || status === 403) throw new ControlPlaneError('unauthorized', detail);
  if (status === 404) throw new ControlPlaneError('not_found', detail);
  const passing = status >= 500 || status === 408 || status === 429;
  throw new ControlPlaneError(passing ? 'unavailable' : 'refused', detail);
}

/** `Retry-After` in seconds (RFC 9110 §10.2.3); the form with a date is not used by the control plane. At most ten minutes. */
function readRetryAfter(headers: Readonly<Record<string, string>>): number | undefined {
  const seconds = /^[0-9]{1,6}$/.exec(headers['retry-after'] ?? '')?.[0];
  return seconds === undefined ? undefined : Math.min(Number(seconds), 600) * 1_000;
}

/**
 * Reads a body to its end and decompresses it.
 *
 * @param what the call, for the error
 * @param limit bytes after decompression
 * @throws ControlPlaneError `answer_too_large`, `answer_malformed`
 */
export async function readBody(
  what: string,
  body: Dispatcher.ResponseData['body'],
  encoding: string | undefined,
  limit: number,
): Promise<Uint8Array> {
  const tooLarge = () =>
    new ControlPlaneError('answer_too_large', { what: `the answer to ${what} passes ${limit} bytes` });
  const pieces: Uint8Array[] = [];
  let size = 0;
  // Gzip makes data that cannot be compressed a little larger.
  const received = encoding === 'gzip' ? limit + limit / 1_000 + 1_024 : limit;
  for await (const piece of body as AsyncIterable<Uint8Array>) {
    size += piece.length;
    if (size > received) {
      body.destroy();
      throw tooLarge();
    }
    pieces.push(piece);
  }
  const bytes = Buffer.concat(pieces);
  if (encoding === undefined || encoding === 'identity') return bytes;
  if (encoding !== 'gzip' && encoding !== 'x-gzip')
    throw new ControlPlaneError('answer_malformed', { what: `the answer to ${what} is not gzip` });
  try {
    // Node refuses a limit of zero.
    return await unzip(bytes, { maxOutputLength: Math.max(1, limit) });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge();
    throw new ControlPlaneError('answer_malformed', { what: `the answer to ${what} is not gzip` });
  }
}

/** Headers as one text each, names in lower case. */
export function flatten(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) flat[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : value;
  }
  return flat;
}
