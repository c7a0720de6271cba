import { readFile } from 'node:fs/promises';
import type { ConfigSource } from './gateway/ports.ts';
import { SETTING_SECTIONS, type Settings } from './settings/setting-table.ts';
import { StartError } from './start-error.ts';
import type { ControlPlaneClient } from './sync/control-plane-client.ts';
import type { AgentNumbers } from './sync/heartbeat.ts';
import type { SyncOptions } from './sync/start-sync.ts';
import { errorCode, type Log } from './telemetry/log.ts';
import { reportStandalone, reportSync } from './telemetry/report-events.ts';

/** The configuration being served, wherever it comes from. */
export interface Configuration {
  source: ConfigSource;
  /** For other calls to the control plane; undefined without one. */
  client: ControlPlaneClient | undefined;
  stop(): Promise<void>;
}

/** What both kinds of configuration need of the agent. */
export type ConfigurationParts = Pick<
  SyncOptions,
  'stateFolder' | 'instance' | 'agentVersion' | 'clock' | 'random' | 'credentials' | 'connections' | 'outbox'
> & {
  numbers: AgentNumbers;
  record: SyncOptions['record'];
  flush: SyncOptions['flush'];
  dispatcher: Extract<SyncOptions['source'], { from: 'control-plane' }>['dispatcher'] | undefined;
  environment: Readonly<Record<string, string | undefined>>;
  log: Log;
};

/**
 * Starts what the settings ask for: a control plane, an exported configuration, or a file.
 *
 * @throws StartError when there is nothing that could ever be served
 */
export async function startConfiguration(
  settings: Settings,
  parts: ConfigurationParts,
): Promise<Configuration> {
  const { dispatcher } = parts;
  if (settings.controlPlane && dispatcher) {
    return startSigned(settings, parts, {
      from: 'control-plane',
      address: settings.controlPlane,
      dispatcher,
    });
  }
  if (settings.configurationFolder) {
    return startSigned(settings, parts, { from: 'folder', path: settings.configurationFolder });
  }
  return startFromFile(settings, parts);
}

async function startSigned(
  settings: Settings,
  parts: ConfigurationParts,
  source: SyncOptions['source'],
): Promise<Configuration> {
  // Loaded here, so that standalone use does not carry what it does not need in memory.
  const { startSync } = await import('./sync/start-sync.ts');
  const { AgentTokenError } = await import('./sync/agent-token.ts');
  const sync = await startSync({
    ...parts,
    source,
    readToken: () => readToken(settings),
    events: reportSync(parts.log),
  }).catch((error: unknown) => {
    throw error instanceof AgentTokenError ? new StartError(error.message) : error;
  });
  return { source: sync.config, client: sync.client, stop: () => sync.stop() };
}

async function readToken({ organizationToken, organizationTokenFile }: Settings): Promise<string> {
  if (organizationToken !== undefined) return organizationToken;
  try {
    return await readFile(organizationTokenFile ?? '', 'utf8');
  } catch (error) {
    throw new StartError(
      `BONITO_ORG_TOKEN_FILE names the file ${organizationTokenFile}, which cannot be read (${errorCode(error)}).`,
    );
  }
}

async function startFromFile(
  settings: Settings,
  { log, clock, environment }: ConfigurationParts,
): Promise<Configuration> {
  const { startStandalone } = await import('./standalone/start-standalone.ts');
  const { ConfigurationFileError } = await import('./standalone/locate-mistake.ts');
  const standalone = await startStandalone({
    file: settings.configFile ?? '',
    processSettings: [...SETTING_SECTIONS],
    clock,
    environment: (name) => environment[name],
    events: reportStandalone(log),
  }).catch((error: unknown) => {
    throw error instanceof ConfigurationFileError ? new StartError(error.message) : error;
  });
  return { source: standalone.config, client: undefined, stop: async () => standalone.stop() };
}
