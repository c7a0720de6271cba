import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { AttemptLedger } from './attempt-ledger.ts';
import type { JsonObject } from './json-value.ts';
import { bearerOf } from './read-bearer.ts';

const credentialHeaders = new Set(['authorization', 'api-key', 'x-api-key', 'cookie', 'proxy-authorization']);

/** What the ledger keeps of a request: credentials and the body only as digests. `body` is absent if it is not JSON. */
export function describeArrival(
  request: IncomingMessage,
  bytes: Buffer,
  body: JsonObject | undefined,
): Parameters<AttemptLedger['begin']>[0] {
  const entries = Object.entries(request.headers).map(
    ([name, value]) => [name, String(value).slice(0, 512)] as const,
  );
  const bearer = bearerOf(request);
  return {
    path: request.url ?? '',
    model: typeof body?.model === 'string' ? body.model.slice(0, 256) : null,
    stream: body?.stream === true,
    request_id: request.headers['x-request-id']?.toString().slice(0, 512) ?? null,
    header_names: entries.map(([name]) => name).sort(),
    headers: Object.fromEntries(entries.filter(([name]) => !credentialHeaders.has(name))),
    credential_sha256: bearer === undefined ? null : sha256(bearer),
    body_bytes: bytes.length,
    body_sha256: sha256(bytes),
  };
}

function sha256(data: Buffer | string): string {
  return createHash('sha256').update(data).digest('hex');
}
