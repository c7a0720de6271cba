import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** How long requests under way may take to end, in milliseconds. */
const GRACE = 1_000;

/**
 * Follows a server's connections, so that it can be stopped without waiting for those on which nothing happens. Node
 * closes idle connections by itself, but counts one that never sent a whole request as busy: a client that connects
 * ahead of time, or a load balancer's probe, would hold the server open for the whole grace.
 *
 * @param server before it listens
 * @returns what stops it: takes no new connections, lets the requests under way end, and cuts what is left after a second
 */
export function prepareToStop(server: Server): () => Promise<void> {
  /** Every open connection, with the requests on it that were not answered to the end. */
  const connections = new Map<Socket, Set<ServerResponse>>();
  let stopping = false;

  server.on('connection', (socket) => {
    connections.set(socket, new Set());
    socket.once('close', () => connections.delete(socket));
  });
  server.on('request', ({ socket }, response) => {
    const underWay = connections.get(socket);
    underWay?.add(response);
    if (stopping) sayLast(response);
    response.once('close', () => {
      underWay?.delete(response);
      if (stopping && underWay?.size === 0) socket.end();
    });
  });

  return () =>
    new Promise((resolve) => {
      stopping = true;
      const cut = setTimeout(() => server.closeAllConnections(), GRACE);
      server.close(() => {
        clearTimeout(cut);
        resolve();
      });
      for (const [socket, underWay] of connections) {
        for (const response of underWay) sayLast(response);
        if (underWay.size === 0) socket.destroy();
      }
    });
}

/** Tells the client to send nothing more on this connection, so that it does not ask a process that is going away. */
function sayLast(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader('connection', 'close');
}
