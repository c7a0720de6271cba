import { constants, gunzipSync } from 'node:zlib';
import type { Outbox, SentRequest } from '../sync/sent-request.ts';

/** What was sent, as it is shown. */
export interface ShownRequest {
  at: string;
  method: string;
  path: string;
  headers: Readonly<Record<string, string>>;
  /** Length of the body as it went over the wire, in bytes. */
  bytes: number;
  /** The body as text, decompressed; null when there was none. */
  body: string | null;
  /** Whether the body is shown in part only. */
  truncated: boolean;
}

/** Keeps the last requests to the control plane, so that an operator sees what leaves the network. */
export interface SentRequests extends Outbox {
  /** The newest first. */
  list(): ShownRequest[];
}

const REQUESTS = 100;
const BYTES = 4 * 1024 * 1024;
const BYTES_OF_ONE = 512 * 1024;
const SHOWN_BYTES = 4 * 1024 * 1024;

interface Kept {
  at: number;
  request: SentRequest;
  body: Buffer | null;
  bytes: number;
}

/**
 * The last 100 requests, at most 4 MB of bodies, of a single one at most 512 KB. Credentials must be masked by whoever
 * notes a request; should one be not, the header is dropped here.
 */
export function createSentRequests(now: () => number): SentRequests {
  const kept: Kept[] = [];
  let held = 0;
  return {
    note(request) {
      const sent =
        request.body && Buffer.from(request.body.buffer, request.body.byteOffset, request.body.byteLength);
      // A copy, so that a small piece does not keep a large buffer alive.
      const body = sent && Buffer.from(sent.subarray(0, BYTES_OF_ONE));
      kept.push({ at: now(), request: { ...request, body: null }, body, bytes: sent?.length ?? 0 });
      held += body?.length ?? 0;
      while (kept.length > REQUESTS || held > BYTES) held -= kept.shift()?.body?.length ?? 0;
    },
    list: () => kept.map(show).reverse(),
  };
}

function show({ at, request, body, bytes }: Kept): ShownRequest {
  const headers = Object.fromEntries(Object.entries(request.headers).filter(isMasked));
  const text = body && readable(body, headers['content-encoding']);
  return {
    at: new Date(at).toISOString(),
    method: request.method,
    path: request.path,
    headers,
    bytes,
    body: text === null ? null : text.slice(0, SHOWN_BYTES),
    truncated: bytes > (body?.length ?? 0) || (text?.length ?? 0) > SHOWN_BYTES,
  };
}

function isMasked([name, value]: [string, string]): boolean {
  return !/^(authorization|proxy-authorization)$/i.test(name) || value.includes('***');
}

function readable(body: Buffer, encoding: string | undefined): string {
  if (encoding !== 'gzip') return body.toString('utf8');
  try {
    // What was cut off at the end is no error here.
    const options = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: 64 * 1024 * 1024 };
    return gunzipSync(body, options).toString('utf8');
  } catch {
    return body.toString('base64');
  }
}
