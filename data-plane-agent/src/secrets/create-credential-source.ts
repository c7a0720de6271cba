import type { CredentialReference, Provider, SecretReference } from '@bonito/protocol';
import type { Clock, CredentialProblem, CredentialSource, Random } from '../gateway/ports.ts';
import type { SendCredentialRequest } from '../outbound/credential-requests.ts';
import type { ClockSkew } from './aws/sts.ts';
import { createCells, type FetchFailed } from './credential-cells.ts';
import { problemOf } from './credential-error.ts';
import type { CredentialHolder } from './credential-holder.ts';
import type { CredentialTools } from './credential-tools.ts';
import type { EnvironmentCredentials } from './environment.ts';
import type { FileCredentials } from './file.ts';
import { holdCredential } from './hold-credential.ts';

export interface CredentialSourceOptions {
  /** What providers may name. */
  environment: EnvironmentCredentials;
  files: FileCredentials;
  /** The whole environment of the process, in which a cloud says who its workload is. */
  processEnvironment: Readonly<Record<string, string | undefined>>;
  readFile: (path: string) => string | undefined;
  send: SendCredentialRequest;
  /** See `CredentialTools`. */
  trustedHosts: readonly string[];
  clock: Clock;
  random: Random;
  /** Told of every fetch that failed, at most a few times a minute for each credential. */
  failed?: FetchFailed;
}

/** Says whether a credential is good, for whoever sets a provider up. */
export interface CredentialVerifier {
  /**
   * Gets the provider's credential anew from where it comes; AWS is also asked whether it knows the keys. That the model
   * provider takes it is not said by that.
   *
   * @returns what is wrong; undefined when nothing is. Never rejects.
   */
  verify(provider: Provider): Promise<CredentialProblem | undefined>;
}

/** A file whose secret a provider refuses is read again at most this often, in milliseconds. */
const RELOAD_PAUSE_MS = 1_000;
const RELOAD_LIMIT = 1_000;

/**
 * Makes the source of all providers' credentials. One object for each provider's configuration, found by that object: a
 * snapshot keeps the configuration of a provider that did not change, and what is gone is forgotten with it. What costs
 * a fetch is shared by all providers that need the same.
 */
export function createCredentialSource(
  options: CredentialSourceOptions,
): CredentialSource & CredentialVerifier {
  const { environment, files, clock } = options;
  const readSecret = ({ from, name }: SecretReference) =>
    from === 'environment' ? environment(name) : files.read(name);
  const tools: CredentialTools = {
    clock,
    send: options.send,
    environment: options.processEnvironment,
    readSecret,
    readFile: options.readFile,
    trustedHosts: new Set(options.trustedHosts.map((host) => host.toLowerCase())),
  };
  const fresh: CredentialTools = {
    ...tools,
    // A fetch is rare, and a token that a cluster rotates must be the newest then.
    readSecret: (reference) => {
      if (reference.from === 'file') files.reloadOne(reference.name);
      return readSecret(reference);
    },
  };
  const cells = createCells(clock, options.random, options.failed);
  const skew: ClockSkew = { skewMs: 0 };
  const reloadedAt = new Map<string, number>();
  const reload = (reference: CredentialReference) => {
    const secret = 'secret' in reference ? reference.secret : reference;
    if (secret?.from !== 'file') return;
    const now = clock.monotonic();
    if (now - (reloadedAt.get(secret.name) ?? Number.NEGATIVE_INFINITY) < RELOAD_PAUSE_MS) return;
    if (reloadedAt.size >= RELOAD_LIMIT) reloadedAt.clear();
    reloadedAt.set(secret.name, now);
    files.reloadOne(secret.name);
  };
  const holders = new WeakMap<Provider, CredentialHolder>();
  const open = (provider: Provider): CredentialHolder => {
    const made = holdCredential(provider, { tools, fresh, cells, skew, reload });
    holders.set(provider, made);
    return made;
  };
  const of = (provider: Provider) => holders.get(provider) ?? open(provider);
  return {
    read: (provider) => of(provider).read(),
    refused: (provider, status, headers) => of(provider).refusedBy(status, headers),
    problem: (provider) => of(provider).problem(),
    verify: (provider) =>
      of(provider)
        .verify()
        .then(() => undefined, problemOf),
  };
}
