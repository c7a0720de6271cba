import type { LookupAddress } from 'node:dns';
import type { SecureContext } from 'node:tls';
import { type buildConnector, type Dispatcher, Pool, ProxyAgent } from 'undici';
import { DirectPool } from './direct/direct-pool.ts';
import { AddressRefusedError, guardLookup, isMetadataHost, pinLookup } from './metadata-guard.ts';

/** How one origin is reached. */
export interface Reach {
  /** Scheme, host and port. */
  origin: string;
  /** A proxy's URL, with user and password if it wants them; undefined for a direct connection. */
  proxy: string | undefined;
  /** What TLS trusts and shows; undefined for node's default. Used towards the origin, and the proxy if that is https. */
  secureContext: SecureContext | undefined;
  connections: number;
  /** Until a connection stands, a proxy's tunnel included. Milliseconds. */
  connectMs: number;
  /** Refuse link-local and metadata addresses. Behind a proxy only what the URL itself shows can be refused. */
  refuseMetadata: boolean;
  /** Connect to these, and do not resolve the origin's name. Only where there is no proxy. */
  addresses?: readonly LookupAddress[];
}

/**
 * A pool of HTTP/1.1 connections to one origin. It sends one request at a time on each, follows no redirects, and has no
 * limit on answers' times: those are the caller's.
 *
 * Connections are closed after 4 s without use, or when the server's keep-alive hint says: model servers close theirs
 * after 5 s without saying so (uvicorn), and a request sent into a closing connection is lost.
 */
export function createDispatcher(reach: Reach): Dispatcher {
  const options = {
    connections: reach.connections,
    pipelining: 1,
    allowH2: false,
    keepAliveTimeout: 4_000,
    headersTimeout: 0,
    bodyTimeout: 0,
  };
  if (reach.refuseMetadata && isMetadataHost(new URL(reach.origin).hostname)) {
    return createRefusing(reach.origin, new AddressRefusedError());
  }
  const connect: buildConnector.BuildOptions = {
    timeout: reach.connectMs,
    allowH2: false,
    // The system's 250 ms for each address is less than a round trip around the world.
    autoSelectFamilyAttemptTimeout: 1_000,
    ...(reach.secureContext && { secureContext: reach.secureContext }),
  };
  if (reach.proxy === undefined) {
    const guard = reach.refuseMetadata && { lookup: guardLookup() };
    const pinned = reach.addresses && { lookup: pinLookup(reach.addresses) };
    return new Pool(reach.origin, { ...options, connect: { ...connect, ...guard, ...pinned } });
  }
  return new ProxyAgent({
    ...options,
    uri: reach.proxy,
    connectTimeout: reach.connectMs,
    requestTls: connect,
    proxyTls: connect,
    clientFactory: (origin, given) =>
      new Pool(origin, {
        ...given,
        connections: reach.connections,
        headersTimeout: reach.connectMs,
        bodyTimeout: 0,
      }),
    factory: (origin, given) => new Pool(origin, { ...options, ...given }),
  });
}

/**
 * Connections to one provider: straight ones by the product's own small client, whose CPU every request pays; undici's
 * through a proxy.
 */
export function createProviderDispatcher(reach: Reach): Dispatcher {
  const refused = reach.refuseMetadata && isMetadataHost(new URL(reach.origin).hostname);
  return reach.proxy === undefined && !refused ? new DirectPool(reach) : createDispatcher(reach);
}

/** A dispatcher whose every request fails with `error`, so that what is wrong is answered and counted like any failure. */
export function createRefusing(origin: string, error: Error): Dispatcher {
  return new Pool(origin, { connections: 1, connect: (_to, callback) => callback(error, null) });
}
