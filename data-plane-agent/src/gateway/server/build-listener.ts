import type { IncomingMessage, ServerResponse } from 'node:http';
import { getRequestListener, type HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { Hono } from 'hono';
import { refuseDirectly } from './answer-directly.ts';
import type { RawHandler, RouteEntry } from './routing-table.ts';

/** What node's `request` event calls. */
export type Listener = (incoming: IncomingMessage, outgoing: ServerResponse) => void;

/**
 * Makes the listener from the routing table: an exact look-up of method and path first, which serves nearly all traffic for
 * the price of one map access; Hono for the rest (parameters, HEAD, OPTIONS, wrong methods, unknown paths).
 *
 * @param requestId makes an id for requests that no pipeline sees
 */
export function buildListener(table: readonly RouteEntry[], requestId: () => string): Listener {
  const exact = new Map<string, RawHandler>();
  for (const { method, path, handler } of table)
    if (!path.includes(':')) exact.set(`${method} ${path}`, handler);
  const routed = routedListener(table, requestId);
  return (incoming, outgoing) => {
    const handler = exact.get(`${incoming.method} ${incoming.url}`);
    if (handler) handler(incoming, outgoing, '');
    else routed(incoming, outgoing);
  };
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
      else refuseDirectly(incoming, outgoing, 'method_not_allowed', requestId(), ['allow', allow.join(', ')]);
      return RESPONSE_ALREADY_SENT;
    });
  }
  app.notFound((context) => {
    refuseDirectly(context.env.incoming, context.env.outgoing, 'unknown_url', requestId());
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
