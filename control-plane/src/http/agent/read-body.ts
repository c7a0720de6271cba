import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { AgentError } from './agent-error.ts';

const inflate = promisify(gunzip);

/** The longest body, in bytes, as it travels and once it is inflated. */
export interface BodyLimits {
  compressed: number;
  inflated: number;
}

/**
 * Collects a body and stops as soon as it is too long, whatever its header says.
 *
 * @param hold is told of every part before it is kept, and may refuse by throwing
 * @throws AgentError `body_too_large`
 */
export async function collectBody(
  request: Request,
  limit: number,
  hold: (bytes: number) => void = () => {},
): Promise<Buffer> {
  const tooLarge = () => new AgentError('body_too_large', `a body may have at most ${limit} bytes`);
  if (Number(request.headers.get('content-length') ?? 0) > limit) throw tooLarge();
  const chunks: Uint8Array[] = [];
  let length = 0;
  if (request.body) {
    for await (const chunk of request.body) {
      length += chunk.length;
      if (length > limit) throw tooLarge();
      hold(chunk.length);
      chunks.push(chunk);
    }
  }
  return Buffer.concat(chunks);
}

/**
 * Inflates a body where it is gzipped, up to a limit: a small body that inflates to a huge one stops there.
 *
 * @throws AgentError `body_too_large`, `body_malformed`
 */
export async function inflateBody(bytes: Buffer, encoding: string | null, limit: number): Promise<Buffer> {
  const coding = (encoding ?? 'identity').trim().toLowerCase();
  if (coding === 'identity' || coding === '') {
    if (bytes.length <= limit) return bytes;
    throw new AgentError('body_too_large', `a body may have at most ${limit} bytes`);
  }
  if (coding !== 'gzip' && coding !== 'x-gzip') {
    throw new AgentError('body_malformed', 'send the body gzipped ("Content-Encoding: gzip") or as it is');
  }
  try {
    return await inflate(bytes, { maxOutputLength: limit });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE') {
      throw new AgentError('body_too_large', `a body may have at most ${limit} bytes after decompression`);
    }
    throw new AgentError('body_malformed', 'the body is not gzip, although its header says so');
  }
}

/** Reads a JSON body. @throws AgentError `body_too_large`, `body_malformed` */
export async function readBody(request: Request, limits: BodyLimits): Promise<unknown> {
  const bytes = await collectBody(request, limits.compressed);
  return parseJson(await inflateBody(bytes, request.headers.get('content-encoding'), limits.inflated));
}

/** @throws AgentError `body_malformed` */
export function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new AgentError('body_malformed', 'the body is not JSON in UTF-8');
  }
}
