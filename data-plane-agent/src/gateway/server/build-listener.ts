import type { IncomingMessage, ServerResponse } from 'node:http';
import { getRequestListener, type HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { Hono } from 'hono';
import { anthropicMessagesSurface } from '../surfaces/anthropic-messages/anthropic-messages-surface.ts';
import { bedrockErrors } from '../surfaces/bedrock-native/bedrock-errors.ts';
import type { SurfaceErrors } from '../surfaces/chat-surface.ts';
import { googleErrors } from '../surfaces/gemini-native/google-errors.ts';
import { refuseDirectly } from './answer-directly.ts';
import type { RawHandler, RouteEntry } from './routing-table.ts';
import { PLAIN_SURFACE } from './surface-table.ts';

/** What node's `request` event calls. */
export type Listener = (incoming: IncomingMessage, outgoing: ServerResponse) => void;

/**
 * Makes the listener from the routing table: an exact look-up of method and path first, which serves nearly all traffic for
 * the price of one map access; Hono for the rest (parameters, HEAD, OPTIONS, wrong methods, unknown paths).
 *
 * @param requestId makes an id for requests that no pipeline sees
 */
export function buildListener(table: readonly RouteEntry[], requestId: () => string): Listener {
  // By method first: a text of both, made for each request, would have to be hashed each time.
  const exact = new Map<string | undefined, Map<string, RawHandler>>([
    ['POST', new Map()],
    ['GET', new Map()],
  ]);
  for (const { method, path, handler } of table)
    if (!path.includes(':')) exact.get(method)?.set(path, handler);
  const routed = routedListener(table, requestId);
  return (incoming, outgoing) => {
    const handler = exact.get(incoming.method)?.get(pathOf(incoming.url ?? ''));
    if (handler) handler(incoming, outgoing, '');
    else if (incoming.headers.upgrade?.toLowerCase() === 'websocket')
      refuseUpgrade(incoming, outgoing, requestId());
    else routed(incoming, outgoing);
  };
}

function pathOf(url: string): string {
  const query = url.indexOf('?');
  return query === -1 ? url : url.slice(0, query);
}

/** At once, so that clients which try a WebSocket first go on over HTTP without losing time (RFC 9110 §15.5.22). */
function refuseUpgrade(incoming: IncomingMessage, outgoing: ServerResponse, requestId: string): void {
  const headers = ['upgrade', 'HTTP/1.1', 'connection', 'upgrade'];
  refuseDirectly(incoming, outgoing, 'upgrade_required', requestId, errorsFor(incoming), headers);
}

/** The errors of the API that a path belongs to, for paths that are not served. */
function errorsFor({ url = '' }: IncomingMessage): SurfaceErrors {
  if (url.startsWith('/v1/messages')) return anthropicMessagesSurface.errors;
  if (url.startsWith('/model/')) return bedrockErrors;
  return /^\/v1(beta1?)?\/(projects|publishers|models\/[^?]+:)/.test(url)
    ? googleErrors
    : PLAIN_SURFACE.errors;
}

function routedListener(table: readonly RouteEntry[], requestId: () => string): Listener {
  const app = new Hono<{ Bindings: HttpBindings }>();
  for (const { method, path, handler } of table) {
    app.on(method, path, (context) => {
      handler(context.env.incoming, context.env.outgoing, context.req.param('model') ?? '');
      return RESPONSE_ALREADY_SENT;
    });
  }
  for (const [path, methods] of methodsByPath(table)) {
    const allow = methods.includes('GET') ? [...methods, 'HEAD', 'OPTIONS'] : [...methods, 'OPTIONS'];
    app.all(path, (context) => {
      const { incoming, outgoing } = context.env;
      if (incoming.method === 'OPTIONS') outgoing.writeHead(204, ['allow', allow.join(', ')]).end();
      else {
        const headers = ['allow', allow.join(', ')];
        refuseDirectly(incoming, outgoing, 'method_not_allowed', requestId(), errorsFor(incoming), headers);
      }
      return RESPONSE_ALREADY_SENT;
    });
  }
  app.notFound((context) => {
    const { incoming, outgoing } = context.env;
    refuseDirectly(incoming, outgoing, 'unknown_url', requestId(), errorsFor(incoming));
    return RESPONSE_ALREADY_SENT;
  });
  const listener = getRequestListener(app.fetch, {
    overrideGlobalObjects: false,
    autoCleanupIncoming: false,
  });
  return (incoming, outgoing) => void listener(incoming, outgoing);
}

function methodsByPath(table: readonly RouteEntry[]): Map<string, string[]> {
  const methods = new Map<string, string[]>();
  for (const { method, path } of table) methods.set(path, [...(methods.get(path) ?? []), method]);
  return methods;
}
