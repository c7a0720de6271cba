import type {
  ConfigVersion,
  Deployment,
  ForeignState,
  Provider,
  Restriction,
  Strategy,
} from '@bonito/protocol';

/** Why a provider or a deployment cannot be used, though the snapshot holds it. */
export type Unusable =
  | 'provider_kind_unknown'
  | 'credential_source_unknown'
  | 'restricted'
  | 'provider_missing'
  | 'wire_unknown';

/** A provider in the form that requests are served from. */
export interface CompiledProvider {
  readonly config: Provider;
  /** Scheme, host and port of its base URL. */
  readonly origin: string;
  /** Path of its base URL without a slash at the end, `/v1`. */
  readonly basePath: string;
  readonly unusable: Unusable | undefined;
}

/** A deployment with its provider resolved. */
export interface CompiledTarget {
  readonly deployment: Deployment;
  readonly provider: CompiledProvider;
  readonly unusable: Unusable | undefined;
}

/** What a model name stands for: a deployment (one target) or a route. */
export interface CompiledModel {
  /** The id of the deployment or the route. */
  readonly id: string;
  readonly name: string;
  readonly kind: 'deployment' | 'route';
  readonly strategy: Strategy;
  readonly targets: readonly CompiledTarget[];
  readonly restrictions: readonly Restriction[];
  /** What a target cannot take is refused and not left out. */
  readonly strict: boolean;
  /** What becomes of opaque state that a target did not issue. */
  readonly foreignState: ForeignState;
}

/** Who calls: a key. One object for each key and snapshot, so that it can be compared by identity. */
export interface Principal {
  readonly keyId: string;
  readonly teamId: string | null;
  /** Set for a key that is bound to one route. */
  readonly boundRoute: CompiledModel | undefined;
  /** The key names a route that the snapshot does not hold: it may do nothing. */
  readonly boundRouteMissing: boolean;
  /** Model names from its allow-lists, already intersected; undefined when it may use all. */
  readonly allowedModels: ReadonlySet<string> | undefined;
  /** Milliseconds since 1970 from which it is no longer good; Infinity when it does not expire. */
  readonly expiresAt: number;
  /** Holds a restriction that this version does not know: it may do nothing. */
  readonly denied: boolean;
}

/** An organization's configuration, compiled once when it arrives; requests keep the one they started with. */
export interface Snapshot {
  readonly organization: string;
  readonly version: ConfigVersion;
  /** Seconds without a word from the control plane after which nothing is served; Infinity when there is no limit. */
  readonly maxOfflineSeconds: number;
  /** The organization's settings hold a restriction that this version does not know: nothing is served. */
  readonly denied: boolean;
  /** By model name, deployments and routes together. */
  readonly models: ReadonlyMap<string, CompiledModel>;
  readonly providers: ReadonlyMap<string, CompiledProvider>;
  /** Looks a key up by the SHA-256 of its secret, lower-case hexadecimal. */
  principal(sha256: string): Principal | undefined;
  /** How many secrets `principal` knows. */
  readonly secretCount: number;
  /** Tokens seen good with this snapshot, so that they are not hashed again; bounded; forgotten with the snapshot. */
  readonly remembered: Map<string, Principal>;
}
