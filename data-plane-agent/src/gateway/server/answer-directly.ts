import type { IncomingMessage, ServerResponse } from 'node:http';
import { GatewayError } from '../errors/gateway-error.ts';
import type { GatewayErrorCode } from '../errors/gateway-error-table.ts';
import type { SurfaceErrors } from '../surfaces/chat-surface.ts';
import { endBeforeBody } from './end-before-body.ts';

/** Answers what no pipeline is needed for; nothing of it is counted as usage. */
export function answerDirectly(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  status: number,
  body: Buffer,
  headers: readonly string[] = [],
): void {
  if (outgoing.headersSent || outgoing.destroyed) return;
  const end = endBeforeBody(incoming, outgoing);
  outgoing.writeHead(status, [
    ...headers,
    'content-type',
    'application/json',
    'content-length',
    String(body.length),
  ]);
  // For HEAD node leaves the body out and keeps its length.
  end(body);
}

/** Refuses a request in its API's own shape before it enters a pipeline. */
export function refuseDirectly(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  code: GatewayErrorCode,
  requestId: string,
  errors: SurfaceErrors,
  more: readonly string[] = [],
): void {
  const error = new GatewayError(code);
  const headers = ['x-request-id', requestId, 'x-bonito-error-source', 'gateway', ...more];
  if (!error.retryable) headers.push('x-should-retry', 'false');
  if (error.retryAfterSeconds !== undefined) headers.push('retry-after', String(error.retryAfterSeconds));
  if (code === 'stopping') outgoing.shouldKeepAlive = false;
  const body = errors.gateway(error, requestId);
  if (errors.headers) headers.push(...errors.headers(body));
  answerDirectly(incoming, outgoing, error.status, Buffer.from(JSON.stringify(body)), headers);
}
