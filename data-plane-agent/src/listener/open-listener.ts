import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { HTTP_SERVER_OPTIONS, limitServer } from '../gateway/server/http-server-options.ts';
import type { ListenAddress } from '../settings/value-schemas.ts';
import { answerClientError } from './answer-client-error.ts';
import { closeIdle, drainConnections, OpenConnections } from './close-connections.ts';
import { type Http2Side, openHttp2 } from './open-http2.ts';
import type { TlsMaterial } from './read-pem.ts';
import { beginsWithPreface, takeOverSocket } from './take-over-socket.ts';

export interface ListenerOptions {
  address: ListenAddress;
  /** The setting that the address came from, for the error's sentence. */
  setting: string;
  handler: RequestListener;
  /** Makes it HTTPS; `ca` makes a client certificate of one of its authorities necessary. */
  tls?: TlsMaterial | undefined;
  connectionLimit: number;
  /** Bytes of a request's head. */
  headerLimit: number;
  /** Serves HTTP/2 on the same port: by ALPN over TLS, by its preface without. */
  http2?: boolean;
}

/** An open port. */
export interface Listener {
  /** `http://127.0.0.1:8000`, for people; the port is the real one where 0 was asked for. */
  url: string;
  port: number;
  /** Serves new connections with another certificate. */
  renew(tls: TlsMaterial): void;
  /** Takes no new connections and closes idle ones. */
  stopAccepting(): void;
  /** Closes every connection: at once, or after so many milliseconds in which last answers may leave. */
  close(drainMs?: number): Promise<void>;
}

/** A port that cannot be opened. The message is a whole sentence. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
  readonly code = 'listen_failed';
}

/**
 * Opens a port with the gateway's limits on what comes in over it.
 *
 * @throws ListenError when the address is taken or not of this machine
 */
export async function openListener(options: ListenerOptions): Promise<Listener> {
  const limits = { ...HTTP_SERVER_OPTIONS, maxHeaderSize: options.headerLimit };
  const { tls } = options;
  const protocols = options.http2 ? ['h2', 'http/1.1'] : ['http/1.1'];
  const secure =
    tls &&
    createSecureServer({ ...limits, ...secureOptions(tls), ALPNProtocols: protocols }, options.handler);
  const server: Server = secure ?? createServer(limits, options.handler);
  limitServer(server, options.connectionLimit);
  const sockets = new OpenConnections();
  const http2 = options.http2 ? serveHttp2(server, sockets, options) : undefined;
  sockets.watch(server);
  await listen(server, options);
  const { port } = server.address() as AddressInfo;
  const host = options.address.host ?? 'localhost';
  return {
    url: `${secure ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}`,
    port,
    renew: (next) => secure?.setSecureContext(secureOptions(next)),
    stopAccepting() {
      closeIdle(server, sockets);
      http2?.stopAccepting();
    },
    async close(drainMs = 0) {
      const closed = server.listening ? once(server, 'close') : undefined;
      closeIdle(server, sockets);
      http2?.stopAccepting();
      await drainConnections(server, sockets, drainMs);
      http2?.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/**
 * Adds HTTP/2 to a server of HTTP/1. Which of them a connection speaks is known once: over TLS when it is opened, else when
 * node's parser meets the preface. Requests over HTTP/1 do not notice, and node reads them as fast as ever.
 */
function serveHttp2(
  server: Server,
  sockets: OpenConnections,
  { handler, connectionLimit, headerLimit }: ListenerOptions,
): Http2Side {
  const http2 = openHttp2(handler, { requests: connectionLimit, headerLimit });
  server.on('clientError', (error, socket) => {
    if (!(socket instanceof Socket)) return void socket.destroy(error);
    if (!beginsWithPreface(error, socket)) return answerClientError(error, socket);
    takeOverSocket(socket, error);
    sockets.add(socket);
    http2.adopt(socket);
  });
  const serveHttp1 = server.listeners('secureConnection');
  server.removeAllListeners('secureConnection');
  if (serveHttp1.length > 0)
    server.on('secureConnection', (socket: TLSSocket) => {
      if (socket.alpnProtocol === 'h2') http2.adopt(socket);
      else for (const serve of serveHttp1) serve.call(server, socket);
    });
  return http2;
}

function secureOptions({ ca, ...own }: TlsMaterial) {
  return {
    ...own,
    minVersion: 'TLSv1.2' as const,
    ...(ca && { ca, requestCert: true, rejectUnauthorized: true }),
  };
}

async function listen(server: Server, { address, setting }: ListenerOptions): Promise<void> {
  try {
    await listenAt(server, address.host ?? '::', address.port);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // A machine without IPv6 cannot listen on both at once.
    if (address.host === undefined && (code === 'EAFNOSUPPORT' || code === 'EADDRNOTAVAIL')) {
      return listenAt(server, '0.0.0.0', address.port).catch((second) => {
        throw sentence(second, setting, address);
      });
    }
    throw sentence(error, setting, address);
  }
}

async function listenAt(server: Server, host: string, port: number): Promise<void> {
  server.listen({ host, port, backlog: 1_024 });
  await once(server, 'listening');
}

const REASONS: Record<string, string> = {
  EADDRINUSE: 'another process has this port; end it or choose another one',
  EACCES: 'the system allows this port to other users only; choose one above 1023',
  EADDRNOTAVAIL: 'this machine has no such address',
  ENOTFOUND: 'no such host is known',
};

function sentence(error: unknown, setting: string, { host, port }: ListenAddress): ListenError {
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
  const where = `${host ?? ''}:${port}`;
  return new ListenError(`${setting}: cannot listen on ${where}: ${REASONS[code] ?? 'it failed'} (${code}).`);
}
