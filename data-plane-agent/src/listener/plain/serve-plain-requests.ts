import type { RequestListener } from 'node:http';
import type { Socket } from 'node:net';
import { HTTP_SERVER_OPTIONS } from '../../gateway/server/http-server-options.ts';
import { PlainConnection, type PlainServer } from './plain-connection.ts';

/** Each connection remembers its last head. */
const LARGEST_HEAD = 4 * 1024;
/** Of a body; a longer one is node's to read. */
const LARGEST_BODY = 256 * 1024;
/** Of all bodies together that are not whole. */
const MOST_HELD = 16 * 1024 * 1024;
const SWEEP_MS = HTTP_SERVER_OPTIONS.connectionsCheckingInterval;
const SWEEPS_UNTIL_CLOSED = Math.ceil(HTTP_SERVER_OPTIONS.keepAliveTimeout / SWEEP_MS);

export interface PlainRequests {
  /** Takes a new connection. */
  accept(socket: Socket): void;
  closeIdle(): void;
  close(): void;
}

/**
 * Serves plain requests, which nearly all are, without node's HTTP server, whose streams and parser cost more than the rest of
 * reading a request does. All others go to that server.
 *
 * @param toNode serves a connection with node's server
 */
export function servePlainRequests(
  handler: RequestListener,
  options: { paths: ReadonlySet<string>; headerLimit: number },
  toNode: (socket: Socket) => void,
): PlainRequests {
  const connections = new Set<PlainConnection>();
  let held = 0;
  const server: PlainServer = {
    limits: {
      paths: options.paths,
      headBytes: Math.min(options.headerLimit, LARGEST_HEAD),
      bodyBytes: LARGEST_BODY,
    },
    // They are what the gateway uses of node's classes on these paths.
    serve: (request, answer) => handler(request as never, answer as never),
    handOver(connection, bytes) {
      connections.delete(connection);
      const { socket } = connection;
      if (socket.destroyed) return;
      // What is put back must meet its new reader.
      socket.pause();
      if (bytes.length > 0) socket.unshift(bytes);
      toNode(socket);
      socket.resume();
    },
    mayHold(bytes) {
      if (held + bytes > MOST_HELD) return false;
      held += bytes;
      return true;
    },
    release(bytes) {
      held -= bytes;
    },
    gone: (connection) => connections.delete(connection),
  };
  const sweep = setInterval(() => {
    for (const connection of connections) {
      connection.sweeps += 1;
      // Node's server knows when to give up a client that is slow.
      if (connection.isWaiting) {
        if (connection.sweeps > 1) connection.handOver();
      } else if (connection.isIdle && connection.sweeps > SWEEPS_UNTIL_CLOSED) connection.socket.destroy();
    }
  }, SWEEP_MS);
  sweep.unref();
  return {
    accept: (socket) => void connections.add(new PlainConnection(socket, server)),
    closeIdle() {
      for (const connection of connections) if (connection.isIdle) connection.socket.destroy();
    },
    close: () => clearInterval(sweep),
  };
}
