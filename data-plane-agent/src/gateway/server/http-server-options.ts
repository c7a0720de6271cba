import type { Server, ServerOptions } from 'node:http';

/** Limits of the listener that face the network; `maxConnections` is applied by `limitServer`. */
export const HTTP_SERVER_OPTIONS = {
  /** Request line and headers together, in bytes; 431 beyond it. Bounds the URL too. */
  maxHeaderSize: 32 * 1024,
  /** Longer than the 60 s of common load balancers, so that they never send into a connection being closed. */
  keepAliveTimeout: 75_000,
  headersTimeout: 80_000,
  /** A whole request with its body, in milliseconds: a 32 MB upload over a slow link fits. */
  requestTimeout: 300_000,
  connectionsCheckingInterval: 10_000,
  noDelay: true,
} as const satisfies ServerOptions;

/** Connections that are held at once where no other number is set; more are dropped by the operating system's queue. */
export const DEFAULT_MAX_CONNECTIONS = 10_000;

/** Applies the limits that node takes as properties of a server and not as options. */
export function limitServer(server: Server, maxConnections: number = DEFAULT_MAX_CONNECTIONS): void {
  server.maxConnections = maxConnections;
  server.maxHeadersCount = 200;
  server.maxRequestsPerSocket = 0;
}
