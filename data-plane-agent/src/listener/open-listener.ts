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
import { type PlainRequests, servePlainRequests } from './plain/serve-plain-requests.ts';
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
  /** Where plain requests are served without node's HTTP server. */
  plainPaths?: ReadonlySet<string>;
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
  const plain = options.plainPaths && servePlain(server, options.plainPaths, options);
  sockets.watch(server);
  await listen(server, options);
  const { port } = server.address() as AddressInfo;
  const host = options.address.host ?? 'localhost';
  const stop = () => {
    closeIdle(server, sockets);
    plain?.closeIdle();
    http2?.stopAccepting();
  };
  return {
    url: `${secure ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}`,
    port,
    renew: (next) => secure?.setSecureContext(secureOptions(next)),
    stopAccepting: stop,
    async close(drainMs = 0) {
      const closed = server.listening ? once(server, 'close') : undefined;
      stop();
      await drainConnections(sockets, drainMs, stop);
      http2?.close();
      plain?.close();
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

/** Puts the plain requests' server before node's, which gets the connections that it gives away. */
function servePlain(
  server: Server,
  paths: ReadonlySet<string>,
  { handler, headerLimit, tls }: ListenerOptions,
): PlainRequests {
  const event = tls ? 'secureConnection' : 'connection';
  const listeners = server.listeners(event);
  server.removeAllListeners(event);
  const toNode = (socket: Socket) => {
    for (const listener of listeners) listener.call(server, socket);
  };
  const plain = servePlainRequests(handler, { paths, headerLimit }, toNode);
  server.on(event, (socket: Socket) => {
    if (tls && (socket as TLSSocket).alpnProtocol === 'h2') toNode(socket);
    else plain.accept(socket);
  });
  return plain;
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
