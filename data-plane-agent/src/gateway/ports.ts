import type { CredentialReference, SurfaceName, UsageRecord } from '@bonito/protocol';
import type { Dispatcher } from 'undici';
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

/** Where providers' credentials come from. */
export interface SecretSource {
  /** The credential as it is now, from memory; undefined when there is none. `none` gives an empty string. */
  read(reference: CredentialReference): string | undefined;
  /** Called after a provider refused the credential: reads it again soon. Bounded in how often that has an effect. */
  refused(reference: CredentialReference): void;
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
  timeToFirstToken(surface: SurfaceName, seconds: number): void;
  /** Bodies held in memory, in bytes; called with the difference. */
  bufferedBytes(delta: number): void;
  inFlight(delta: number): void;
}
