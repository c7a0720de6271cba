import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { Dispatcher } from 'undici';
import type { MediaFailure } from '../gateway/ports.ts';
import type { ChooseProxy } from './choose-proxy.ts';
import { createDispatcher } from './create-dispatcher.ts';
import { isMetadataHost } from './metadata-guard.ts';
import { isPublicAddress } from './public-address.ts';
import type { Trust } from './trust.ts';

export interface MediaFetcherOptions {
  /** `http` allows both kinds of address, `off` none. */
  allowed: 'https' | 'http' | 'off';
  /** Whether a proxy may be used where one is configured. */
  proxy: 'allow' | 'refuse';
  limitBytes: number;
  /** One fetch, redirects included. Milliseconds. */
  timeoutMs: number;
  chooseProxy: ChooseProxy;
  trust: Trust;
  /** All addresses of a name; for tests. */
  resolve?: ((hostname: string) => Promise<LookupAddress[]>) | undefined;
  /** Whether an address may be connected to; for tests, whose servers are on this machine. */
  mayConnect?: ((address: string) => boolean) | undefined;
}

/** Names that mean another machine for every network, or this one. A proxy would resolve them on its own side. */
const LOCAL_NAME =
  /^[^.]+$|(?:^|\.)(?:localhost|local|internal|intranet|lan|home|corp|private|test|invalid|arpa)$/;

/** Ends a fetch with a failure of the closed set. */
export class MediaError extends Error {
  readonly failure: MediaFailure;

  constructor(failure: MediaFailure) {
    super(failure);
    this.failure = failure;
  }
}

/** Reads an address that a client gave, or a server sent elsewhere to. @throws MediaError */
export function readMediaAddress(text: string, { allowed }: MediaFetcherOptions): URL {
  if (allowed === 'off') throw new MediaError('not_allowed');
  const url = text.length <= 8_192 ? URL.parse(text) : null;
  if (!url || !/^https?:$/.test(url.protocol)) throw new MediaError('invalid_url');
  // A user and a password in an address are credentials.
  if (url.username || url.password) throw new MediaError('invalid_url');
  if (url.protocol === 'http:' && allowed !== 'http') throw new MediaError('not_allowed');
  return url;
}

/** A connection for one request, to addresses that were looked at. @throws MediaError */
export async function openMediaConnection(
  url: URL,
  options: MediaFetcherOptions,
  signal: AbortSignal,
): Promise<Dispatcher> {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
  const mayConnect = options.mayConnect ?? isPublicAddress;
  const proxy = options.chooseProxy(url);
  let addresses: LookupAddress[] = [];
  if (isIP(host)) {
    if (!mayConnect(host)) throw new MediaError('address_refused');
  } else if (proxy !== undefined) {
    if (LOCAL_NAME.test(host) || isMetadataHost(host)) throw new MediaError('address_refused');
  } else {
    addresses = await resolveWithin(host, options, signal);
    if (addresses.length === 0) throw new MediaError('unreachable');
    if (!addresses.every((entry) => mayConnect(entry.address))) throw new MediaError('address_refused');
  }
  if (proxy !== undefined && options.proxy === 'refuse') throw new MediaError('not_allowed');
  return createDispatcher({
    origin: url.origin,
    proxy,
    secureContext: options.trust.context(),
    connections: 1,
    connectMs: options.timeoutMs,
    // What was resolved above is all that is connected to: the name is not asked for again.
    refuseMetadata: false,
    ...(addresses.length > 0 && { addresses }),
  });
}

function resolveWithin(
  host: string,
  { resolve }: MediaFetcherOptions,
  signal: AbortSignal,
): Promise<LookupAddress[]> {
  const ask = resolve ?? ((name: string) => lookup(name, { all: true }));
  return new Promise((done, fail) => {
    // DNS cannot be cancelled, only left behind.
    signal.addEventListener('abort', () => fail(signal.reason), { once: true });
    ask(host).then(done, () => fail(new MediaError('unreachable')));
  });
}
