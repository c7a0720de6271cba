import type { Dispatcher } from 'undici';
import type { UpstreamConnections } from '../gateway/ports.ts';
import type { CompiledProvider } from '../gateway/snapshot/snapshot.ts';
import type { ChooseProxy } from './choose-proxy.ts';
import { createProviderDispatcher, createRefusing, type Reach } from './create-dispatcher.ts';
import type { Trust } from './trust.ts';

/** Connections to providers, and the way to give back those that are not used any more. */
export interface ProviderConnections extends UpstreamConnections {
  /** Closes the pools of providers that are not among these, once their requests have ended. */
  retain(providers: Iterable<CompiledProvider>): void;
  /** Closes all; requests that still go on are cut. */
  close(): Promise<void>;
}

/** What all providers have in common. */
export interface ProviderConnectionsOptions {
  chooseProxy: ChooseProxy;
  trust: Trust;
  connections: number;
  /** Milliseconds, where a provider sets no limit of its own. */
  connectMs: number;
  create?: (reach: Reach) => Dispatcher;
}

/** A provider's proxy or CA cannot be used. */
class ConnectionSettingsError extends Error {
  override readonly name = 'ConnectionSettingsError';
  readonly code = 'CONNECTION_SETTINGS_INVALID';

  constructor(provider: string) {
    super(`the proxy or the CA of provider ${provider} cannot be used; correct them in its configuration`);
  }
}

/**
 * One pool for each provider, so that a slow one does not hold the connections of another. A provider that changes in a
 * way that does not concern its connections keeps its pool.
 */
export function createProviderConnections(options: ProviderConnectionsOptions): ProviderConnections {
  const create = options.create ?? createProviderDispatcher;
  const pools = new Map<string, Dispatcher>();
  // The hot path's answer; dies with the snapshot.
  let byProvider = new WeakMap<CompiledProvider, Dispatcher>();

  const tryCreate = (provider: CompiledProvider): Dispatcher => {
    try {
      return create(reachOf(provider, options));
    } catch {
      // A proxy's URL or a CA that cannot be used must fail this provider's requests and no other.
      return createRefusing(provider.origin, new ConnectionSettingsError(provider.config.name));
    }
  };
  const open = (provider: CompiledProvider): Dispatcher => {
    const name = poolName(provider);
    const pool = pools.get(name) ?? tryCreate(provider);
    pools.set(name, pool);
    byProvider.set(provider, pool);
    return pool;
  };

  return {
    dispatcher: (provider) => byProvider.get(provider) ?? open(provider),
    retain(providers) {
      const kept = new Set(Array.from(providers, poolName));
      for (const [name, pool] of pools) {
        if (kept.has(name)) continue;
        pools.delete(name);
        // A request that started before the change and tries again opens a pool of its own, gone at the next change.
        byProvider = new WeakMap();
        pool.close().catch(() => undefined);
      }
    },
    async close() {
      const all = [...pools.values()];
      pools.clear();
      byProvider = new WeakMap();
      await Promise.all(all.map((pool) => pool.destroy().catch(() => undefined)));
    },
  };
}

function poolName({ config, origin }: CompiledProvider): string {
  return JSON.stringify([config.id, origin, config.proxy, config.ca, config.time_limits?.connect_ms]);
}

function reachOf({ config, origin }: CompiledProvider, options: ProviderConnectionsOptions): Reach {
  return {
    origin,
    proxy: options.chooseProxy(new URL(origin), config.proxy),
    secureContext: options.trust.context(config.ca),
    connections: options.connections,
    connectMs: config.time_limits?.connect_ms ?? options.connectMs,
    refuseMetadata: true,
  };
}
