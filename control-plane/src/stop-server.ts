import type { Server } from 'node:http';

/** How long requests under way may take to end, in milliseconds. */
const GRACE = 1_000;
/** How often connections that became idle are closed meanwhile, in milliseconds. */
const SWEEP = 20;

/** Takes no new connections, lets the requests under way end, and cuts what is left after the grace. */
export function stopServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const sweep = setInterval(() => server.closeIdleConnections(), SWEEP);
    const cut = setTimeout(() => server.closeAllConnections(), GRACE);
    server.close(() => {
      clearInterval(sweep);
      clearTimeout(cut);
      resolve();
    });
  });
}
