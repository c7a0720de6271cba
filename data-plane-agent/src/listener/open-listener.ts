import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { HTTP_SERVER_OPTIONS, limitServer } from '../gateway/server/http-server-options.ts';
import type { ListenAddress } from '../settings/value-schemas.ts';
import type { TlsMaterial } from './read-pem.ts';

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
  /** Closes every connection. */
  close(): Promise<void>;
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
  const secure = tls && createSecureServer({ ...limits, ...secureOptions(tls) }, options.handler);
  const server: Server = secure ?? createServer(limits, options.handler);
  limitServer(server, options.connectionLimit);
  await listen(server, options);
  const { port } = server.address() as AddressInfo;
  const host = options.address.host ?? 'localhost';
  return {
    url: `${secure ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}`,
    port,
    renew: (next) => secure?.setSecureContext(secureOptions(next)),
    stopAccepting() {
      server.close();
      server.closeIdleConnections();
    },
    async close() {
      const closed = server.listening ? once(server, 'close') : undefined;
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
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
