import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** How often it is looked whether connections have become idle. */
const LOOK_EVERY_MS = 20;

/** The open connections of a server; with TLS, those that are still shaking hands too. */
export class OpenConnections extends Set<Socket> {
  watch(server: Server): void {
    for (const event of ['connection', 'secureConnection'])
      server.on(event, (socket: Socket) => this.add(socket));
  }

  override add(socket: Socket): this {
    socket.once('close', () => this.delete(socket));
    return super.add(socket);
  }
}

/**
 * Takes no new connections, and closes those where nothing is under way. For node an answer is over once its last byte was
 * handed over; here not before it was sent.
 */
export function closeIdle(server: Server, sockets: ReadonlySet<Socket>): void {
  const sending = [...sockets].filter((socket) => socket.writableLength > 0);
  for (const socket of sending)
    socket.destroy = () => {
      socket.destroySoon();
      return socket;
    };
  // Closes idle connections itself.
  if (server.listening) server.close();
  else server.closeIdleConnections();
  for (const socket of sending) Reflect.deleteProperty(socket, 'destroy');
}

/** Closes connections as they become idle, for so many milliseconds or until none is left. */
export async function drainConnections(
  sockets: ReadonlySet<Socket>,
  milliseconds: number,
  closeIdle: () => void,
): Promise<void> {
  const end = performance.now() + milliseconds;
  while (sockets.size > 0 && performance.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    closeIdle();
  }
}
