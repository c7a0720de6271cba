import type { IncomingMessage } from 'node:http';

/** The bearer credential of a request, or undefined. */
export function bearerOf(request: IncomingMessage): string | undefined {
  return /^Bearer +(.+)$/i.exec(request.headers.authorization ?? '')?.[1];
}
