import { connect as connectPlain, isIP, type Socket, type TcpNetConnectOpts } from 'node:net';
import { connect as connectSecure } from 'node:tls';
import type { Reach } from '../create-dispatcher.ts';
import { guardLookup, pinLookup } from '../metadata-guard.ts';

/** No connection stood within its time. */
export class ConnectTimeoutError extends Error {
  override readonly name = 'ConnectTimeoutError';
  readonly code = 'CONNECT_TIMEOUT';

  constructor() {
    super('no connection stood within the time for connecting; check the address, or allow more time');
  }
}

/** What TLS agreed on with a server, so that the next connection needs one round trip less. */
export interface TlsSession {
  ticket: Buffer | undefined;
}

/**
 * Bytes are read into this one piece of memory, and copied from it before the next ones come: letting the stream allocate costs 64 KB for
 * each read, of which an answer needs one or two.
 */
const READ_BUFFER = Buffer.allocUnsafeSlow(64 * 1024);

/**
 * Begins a connection to the reach's origin, without a proxy. It is ready at `connect`, with TLS at `secureConnect`.
 *
 * @param received is given bytes that stay good only until it returns
 */
export function openSocket(reach: Reach, session: TlsSession, received: (bytes: Buffer) => void): Socket {
  const { hostname, port, protocol } = new URL(reach.origin);
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const secure = protocol === 'https:';
  const options: TcpNetConnectOpts = {
    host,
    port: port === '' ? (secure ? 443 : 80) : Number(port),
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: 60_000,
    // The system's 250 ms for each address is less than a round trip around the world.
    autoSelectFamilyAttemptTimeout: 1_000,
    ...(reach.refuseMetadata && { lookup: guardLookup() }),
    ...(reach.addresses && { lookup: pinLookup(reach.addresses) }),
    onread: {
      buffer: READ_BUFFER,
      callback: (length, buffer) => {
        received((buffer as Buffer).subarray(0, length));
        return true;
      },
    },
  };
  if (!secure) return connectPlain(options);
  const socket = connectSecure({
    ...options,
    servername: isIP(host) === 0 ? host : '',
    ALPNProtocols: ['http/1.1'],
    ...(reach.secureContext && { secureContext: reach.secureContext }),
    ...(session.ticket && { session: session.ticket }),
  });
  socket.on('session', (ticket: Buffer) => {
    session.ticket = ticket;
  });
  return socket;
}
