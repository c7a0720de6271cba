import type { CredentialReference, Provider, SurfaceName, UsageRecord } from '@bonito/protocol';
import type { Dispatcher } from 'undici';
import type { Credential } from './providers/provider-kind.ts';
import type { CompiledProvider, Snapshot } from './snapshot/snapshot.ts';

/** Time, given from outside so that tests and simulations decide it. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Milliseconds by a clock that never goes back. */
  monotonic(): number;
}

/** Chance, given from outside for the same reason. */
export interface Random {
  /** A new UUID. */
  id(): string;
  /** From 0 up to but not including 1. */
  fraction(): number;
}

/** The configuration being served. */
export interface ConfigSource {
  /** Undefined until a first valid configuration was applied. A plain field read: it stands on the hot path. */
  readonly snapshot: Snapshot | undefined;
  /** Seconds since the control plane last answered, by monotonic time; 0 in standalone use. */
  offlineSeconds(): number;
}

/** What is known of an attempt before it is made: enough to bill it as unknown after a crash. */
export interface OpenAttempt {
  requestId: string;
  /** Milliseconds since 1970 when the request arrived. */
  arrivedAt: number;
  keyId: string | null;
  teamId: string | null;
  routeId: string | null;
  requestedId: string | null;
  providerId: string;
  deploymentId: string;
  priceRevision: string;
  surface: SurfaceName;
  stream: boolean;
  epoch: number;
  revision: number;
}

/** Where usage goes. */
export interface UsageSink {
  /**
   * Notes an attempt before it is made. `written` is called once the note survives the end of this process, in the same
   * event-loop turn's closing phase together with all others of that turn; or at once when it cannot be written (the
   * request goes on, and the sink says so in a metric). It never throws.
   */
  open(attempt: OpenAttempt, written: () => void): void;
  /** Takes the record of a finished request; exactly once for each request. Never throws, never waits. */
  settle(record: UsageRecord): void;
}

/** Secrets as text, from variables and files alone. What calls are made with comes from `CredentialSource`. */
export interface SecretSource {
  /** The credential as it is now, from memory; undefined when there is none. `none` gives an empty string. */
  read(reference: CredentialReference): string | undefined;
  /** Called after a provider refused the credential: reads it again soon. Bounded in how often that has an effect. */
  refused(reference: CredentialReference): void;
}

/** Why there is no credential. Says nothing of what the credential is. */
export type CredentialProblem =
  /** The configuration lacks something, or names a variable, file or role that is not there. */
  | 'not_configured'
  /** A secret, a token or an answer is not in the form that it should have. */
  | 'malformed'
  /** The identity itself is not accepted: a wrong key, an unknown client, a token of a stranger. */
  | 'refused'
  /** It was good once. */
  | 'expired'
  /** The identity is known, and may not take the role or ask for this token. */
  | 'permission_missing'
  /** The region is not switched on for the account, or is not one. */
  | 'wrong_region'
  /** The service that gives credentials does not answer, or answers with an error that may pass. */
  | 'unreachable'
  /** A token of this machine's own identity may not be sent to that host. */
  | 'host_not_allowed';

/** Gives the gateway what a call to a provider is made with: fetched, renewed and kept out of the gateway's sight. */
export interface CredentialSource {
  /**
   * The credential as it is now: from memory and without an allocation while a good one is there; a promise, which never
   * rejects, when it must be fetched first; undefined when there is none: `problem` says why.
   */
  read(provider: Provider): Credential | Promise<Credential | undefined> | undefined;
  /**
   * Called after a provider refused the credential: a new one is fetched soon, and where the answer shows that our clock
   * is wrong, signatures are made with the right time from then on. Bounded in how often that has an effect.
   *
   * @param headers the answer's, names in lower case
   */
  refused(
    provider: Provider,
    status?: number,
    headers?: Readonly<Record<string, string | string[] | undefined>>,
  ): void;
  /** Why the last attempt to get this provider's credential gave none; undefined while one is there. */
  problem(provider: Provider): CredentialProblem | undefined;
}

/** What may come back from an address that a client named. */
export type MediaClass = 'image' | 'audio' | 'pdf' | 'text';

export interface MediaQuery {
  readonly url: string;
  readonly classes: readonly MediaClass[];
  /** Less than the agent's own limit, where the provider takes less. Bytes. */
  readonly limitBytes?: number | undefined;
  /** Asked before bytes are kept, with how many more there will be; false ends the fetch with `no_room`. */
  readonly reserve?: ((bytes: number) => boolean) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export type MediaFailure =
  /** Fetching is switched off, or this kind of address is. */
  | 'not_allowed'
  | 'invalid_url'
  /** Not an address of the public internet. */
  | 'address_refused'
  | 'unreachable'
  | 'timed_out'
  | 'too_many_redirects'
  /** The server answered with another status than 200. */
  | 'status_refused'
  | 'type_refused'
  | 'too_large'
  | 'no_room'
  | 'cancelled';

export type FetchedMedia =
  /** The type in lower case, without parameters. */
  { readonly bytes: Buffer; readonly mediaType: string } | { readonly failure: MediaFailure };

/** Fetches images and files that a client gave by address, for providers that take bytes only. Safe with any address. */
export interface MediaFetcher {
  /** Never rejects. */
  fetch(query: MediaQuery): Promise<FetchedMedia>;
}

/** Connections to providers: pools with the proxy, the certificates and the connect limit that the provider asks for. */
export interface UpstreamConnections {
  dispatcher(provider: CompiledProvider): Dispatcher;
}

/** What the gateway counts as it works; label values come from closed sets and configured names. */
export interface GatewayMetrics {
  requestFinished(surface: SurfaceName, status: number, outcome: string, seconds: number): void;
  attemptFinished(providerName: string, outcome: string, errorCode: string, seconds: number): void;
  tokens(providerName: string, tokenClass: string, count: number): void;
  /** Fields of requests that a provider could not take. */
  fieldsDropped(providerName: string, count: number): void;
  timeToFirstToken(surface: SurfaceName, seconds: number): void;
  /** Bodies held in memory, in bytes; called with the difference. */
  bufferedBytes(delta: number): void;
  inFlight(delta: number): void;
}
