import type { Context } from 'hono';
import { HttpError } from './problem.ts';
import { holdsStorableText } from './storable-text.ts';

/** The longest body of the admin API, in bytes. */
export const BODY_LIMIT = 1024 * 1024;

/**
 * Reads a request's JSON. An empty body is undefined.
 *
 * @throws HttpError `unsupported_media_type` or `malformed_json`
 */
export async function readJsonBody(context: Context): Promise<unknown> {
  const bytes = await context.req.arrayBuffer();
  if (bytes.byteLength === 0) return undefined;
  const type = (context.req.header('content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase();
  if (type !== 'application/json') {
    throw new HttpError(
      'unsupported_media_type',
      'send the body as JSON with "Content-Type: application/json"',
    );
  }
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    // Inside, because a value that is nested too deeply to look through is no better.
    if (holdsStorableText(value)) return value;
  } catch {
    throw new HttpError('malformed_json', 'the body is not JSON in UTF-8');
  }
  throw new HttpError('malformed_json', 'text in the body holds a NUL character or half of a surrogate pair');
}
