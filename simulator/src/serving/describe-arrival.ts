import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { AttemptLedger } from './attempt-ledger.ts';
import { bearerOf } from './read-bearer.ts';

const keyHeaders = ['api-key', 'x-api-key', 'x-goog-api-key'];
const credentialHeaders = new Set([
  ...keyHeaders,
  'authorization',
  'cookie',
  'proxy-authorization',
  'x-amz-security-token',
]);

/** What the ledger keeps of a request: credentials and the body only as digests. */
export function describeArrival(
  request: IncomingMessage,
  bytes: Buffer,
  model: unknown,
  stream: boolean,
): Parameters<AttemptLedger['begin']>[0] {
  const entries = Object.entries(request.headers).map(
    ([name, value]) => [name, String(value).slice(0, 512)] as const,
  );
  const key = bearerOf(request) ?? keyHeaders.map((name) => request.headers[name]).find((value) => value);
  return {
    path: request.url ?? '',
    model: typeof model === 'string' ? model.slice(0, 256) : null,
    stream,
    request_id: request.headers['x-request-id']?.toString().slice(0, 512) ?? null,
    header_names: entries.map(([name]) => name).sort(),
    headers: Object.fromEntries(entries.filter(([name]) => !credentialHeaders.has(name))),
    credential_sha256: key === undefined ? null : sha256(String(key)),
    body_bytes: bytes.length,
    body_sha256: sha256(bytes),
  };
}

function sha256(data: Buffer | string): string {
  return createHash('sha256').update(data).digest('hex');
}
