import type { ServerResponse } from 'node:http';

/** Answers 200 with a JSON body. */
export function sendJson(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}
