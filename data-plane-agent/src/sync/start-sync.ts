import { join } from 'node:path';
import type { ConfigVersion, ModelsDiscoveredRecord, Rejection } from '@bonito/protocol';
import type { Dispatcher } from 'undici';
import type { Clock, ConfigSource, Random, UpstreamConnections } from '../gateway/ports.ts';
import { openAgentTokens } from './agent-token.ts';
import { Applier } from './apply-manifest.ts';
import { ConfigHolder } from './config-holder.ts';
import { createConfigPoller } from './config-poller.ts';
import { type ControlPlaneClient, createControlPlaneClient } from './control-plane-client.ts';
import { createFolderSource } from './folder-source.ts';
import { type AgentNumbers, createHeartbeat } from './heartbeat.ts';
import { type CommandOptions, runCommand } from './run-commands.ts';
import type { Outbox } from './sent-request.ts';
import { SnapshotStore } from './snapshot-store.ts';
import { diskFiles, type StateFiles } from './state-files.ts';
import type { SyncEvents } from './sync-events.ts';
import { systemTimers, type Timers } from './timers.ts';

/** Everything that the configuration needs of its host. */
export interface SyncOptions {
  source:
    | { from: 'control-plane'; address: string; dispatcher: Dispatcher }
    /** An exported configuration, for a site without a control plane: the folder with `manifest.jws`. */
    | { from: 'folder'; path: string };
  /** Reads the configured agent token, from a setting or a file; called again when the control plane refuses it. */
  readToken(): Promise<string>;
  /** The agent's own folder; `config/` and `token.json` are kept in it. */
  stateFolder: string;
  /** Id of this process. */
  instance: string;
  agentVersion: string;
  clock: Clock;
  random: Random;
  credentials: CommandOptions['credentials'];
  connections: UpstreamConnections;
  numbers: AgentNumbers;
  outbox: Outbox;
  /** Takes the answer to a `discover_models` command, for the spool. */
  record(record: ModelsDiscoveredRecord): void;
  /** Sends everything that the spool holds, now: a `report_all` command came. */
  flush(): void;
  events: SyncEvents;
  /** The real ones where absent. */
  timers?: Timers;
  files?: StateFiles;
}

/** How the configuration stands. */
export interface SyncStatus {
  applied: ConfigVersion | null;
  rejected: Rejection | null;
  offlineSeconds: number;
  /** Milliseconds that the control plane's clock is ahead; null when not known. */
  clockSkew: number | null;
  tokenGeneration: number;
}

export interface Sync {
  readonly config: ConfigSource;
  /** For other calls to the control plane with the same token and headers, the spool's above all; undefined with a folder. */
  readonly client: ControlPlaneClient | undefined;
  status(): SyncStatus;
  /** Something changed that the control plane should know of: send a heartbeat soon. */
  beat(): void;
  /** Ends all calls. */
  stop(): Promise<void>;
}

/**
 * Serves the stored configuration, if there is one, and then keeps it up to date until it is stopped. Resolves as soon as
 * the stored one is being served or is known to be missing; it does not wait for the control plane.
 *
 * @throws AgentTokenError when the configured token is not one
 */
export async function startSync(options: SyncOptions): Promise<Sync> {
  const { clock, random, events, source } = options;
  const timers = options.timers ?? systemTimers;
  const files = options.files ?? diskFiles;
  const stopping = new AbortController();
  const { signal } = stopping;
  const holder = new ConfigHolder(clock);
  const tokens = await openAgentTokens({
    read: options.readToken,
    files,
    folder: options.stateFolder,
    rotated: (generation) => events({ type: 'token_rotated', generation }),
  });
  const { address, dispatcher } =
    source.from === 'control-plane' ? source : { address: undefined, dispatcher: undefined };
  const client =
    address === undefined
      ? undefined
      : createControlPlaneClient({
          address,
          dispatcher,
          tokens,
          instance: options.instance,
          clock,
          timers,
          outbox: options.outbox,
          heard: () => holder.heard(),
        });
  const manifests =
    client ?? createFolderSource(files, source.from === 'folder' ? source.path : options.stateFolder);
  const store = new SnapshotStore(files, join(options.stateFolder, 'config'), tokens.trust, clock);
  const applier = new Applier({
    trust: tokens.trust,
    store,
    holder,
    clock,
    fetch: (section, until, into) => manifests.section(section, until, into),
  });
  const applied = () => holder.snapshot?.version ?? null;

  const heartbeat =
    client &&
    createHeartbeat({
      client,
      tokens,
      agentVersion: options.agentVersion,
      numbers: options.numbers,
      applied,
      rejected: () => poller.rejection(),
      run: (command) => runCommand(command, { ...options, config: holder, timers, signal }),
      clock,
      random,
      timers,
      events,
      signal,
    });
  const poller = createConfigPoller({
    source: manifests,
    holds: client !== undefined,
    applier,
    clock,
    random,
    timers,
    maxOfflineSeconds: () => holder.snapshot?.maxOfflineSeconds ?? Number.POSITIVE_INFINITY,
    changed(what) {
      // With a folder there is nobody to hear from but whoever brings a new configuration.
      if (!client && what === 'applied') holder.heard();
      heartbeat?.beat();
    },
    beat: () => heartbeat?.beat(),
    events,
    signal,
  });

  await restore();
  const running = Promise.all([poller.run(), heartbeat?.run()]);

  async function restore(): Promise<void> {
    const startedAt = clock.monotonic();
    const result = await applier.restore(signal);
    if (result?.outcome === 'applied') {
      const milliseconds = clock.monotonic() - startedAt;
      events({ type: 'applied', version: result.version, from: 'store', milliseconds });
    }
    if (result?.outcome === 'rejected') {
      const { rejection, message } = result;
      poller.setRejection(rejection);
      events({ type: 'rejected', rejection, message, from: 'store' });
    }
  }

  return {
    config: holder,
    client,
    status: () => ({
      applied: applied(),
      rejected: poller.rejection(),
      offlineSeconds: holder.offlineSeconds(),
      clockSkew: client?.clockSkew() ?? null,
      tokenGeneration: tokens.generation(),
    }),
    beat: () => heartbeat?.beat(),
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
