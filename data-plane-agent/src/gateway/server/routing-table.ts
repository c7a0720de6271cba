import type { IncomingMessage, ServerResponse } from 'node:http';
import { SURFACE_TABLE, type Surface } from './surface-table.ts';

/** Serves one request on node's own objects. `parameter` is what a `:name` in the path stood for. */
export type RawHandler = (incoming: IncomingMessage, outgoing: ServerResponse, parameter: string) => void;

/** What the routes lead to. */
export interface RouteHandlers {
  generate(surface: Surface): RawHandler;
  listModels: RawHandler;
  oneModel: RawHandler;
  live: RawHandler;
  ready: RawHandler;
}

/** One line of the routing table. A path may end in one parameter that takes the rest, slashes included. */
export interface RouteEntry {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly handler: RawHandler;
}

/** Paths that requests are posted to and that have no parameter: nearly all traffic. */
export const EXACT_POST_PATHS: ReadonlySet<string> = new Set(
  SURFACE_TABLE.map(({ path }) => path).filter((path) => !path.includes(':')),
);

/** Every path that is served, from which both the exact look-up and the router are made. */
export function routingTable(handlers: RouteHandlers): RouteEntry[] {
  return [
    ...SURFACE_TABLE.map((surface) => ({
      method: 'POST' as const,
      path: surface.path,
      handler: handlers.generate(surface),
    })),
    { method: 'GET', path: '/v1/models', handler: handlers.listModels },
    // Model names may hold slashes, `meta-llama/Llama-3-8B`.
    { method: 'GET', path: '/v1/models/:model{.+}', handler: handlers.oneModel },
    { method: 'GET', path: '/health/live', handler: handlers.live },
    { method: 'GET', path: '/health/ready', handler: handlers.ready },
  ];
}
