import { Registry } from 'prom-client';
import { createAdminHandler } from './admin/admin-handler.ts';
import { createSentRequests } from './admin/outbox.ts';
import { createAgentNumbers } from './agent-numbers.ts';
import { AGENT_VERSION } from './agent-version.ts';
import { createGateway } from './app.ts';
import { type Configuration, startConfiguration } from './configuration.ts';
import { openAgentListeners } from './listener/open-agent-listeners.ts';
import { openOutbound } from './outbound/open-outbound.ts';
import { processClock, processRandom } from './process-ports.ts';
import { createCredentialSource } from './secrets/create-credential-source.ts';
import { createSecretSource } from './secrets/create-secret-source.ts';
import { createEnvironmentCredentials } from './secrets/environment.ts';
import { createFileCredentials } from './secrets/file.ts';
import { readIdentityFile } from './secrets/read-identity-file.ts';
import { toGatewaySettings } from './settings/gateway-settings.ts';
import type { Settings } from './settings/setting-table.ts';
import { type Spool, type SpoolStatus, startSpool } from './spool/start-spool.ts';
import { openStateDirectory } from './state-directory.ts';
import { readStateKey } from './state-key.ts';
import { registerAgentMetrics } from './telemetry/agent-metrics.ts';
import { createGatewayMetrics } from './telemetry/gateway-metrics.ts';
import type { Log } from './telemetry/log.ts';
import { reportSpool } from './telemetry/report-events.ts';

/** A running agent. */
export interface Agent {
  /** Where clients connect. */
  url: string;
  adminUrl: string;
  /**
   * Takes no new work, lets what is under way finish, and writes all usage down; within the deadline of the settings.
   * Called again, it gives the same promise.
   */
  stop(): Promise<void>;
  /** Writes all usage down that is known so far, for the moment before an unforeseen end. */
  flush(): Promise<void>;
}

export interface AgentHost {
  environment: Readonly<Record<string, string | undefined>>;
  log: Log;
}

/** Usage that is still to be sent when the agent stops may take this share of the deadline, and not more than 2 s. */
const LAST_UPLOAD_SHARE = 0.2;
const LAST_UPLOAD_MS = 2_000;
/** How often it is looked whether a new configuration left connections without a use. */
const RETAIN_MS = 5_000;

const NOTHING_SPOOLED: SpoolStatus = {
  bytes: 0,
  records: 0,
  oldestAt: null,
  collapsed: 0,
  lost: 0,
  openRequests: 0,
  healthy: true,
};

/**
 * Puts the agent together and opens its ports. What was started is ended again when a later part cannot start.
 *
 * @throws StartError, ListenError, TlsFileError with a sentence for the person who starts it
 */
export async function startAgent(settings: Settings, host: AgentHost): Promise<Agent> {
  const started = new AsyncDisposableStack();
  try {
    return await assemble(settings, host, started);
  } catch (error) {
    await started.disposeAsync();
    throw error;
  }
}

/** Starts the parts in the order in which they need each other; what ends them again goes onto the stack. */
async function assemble(
  settings: Settings,
  { environment, log }: AgentHost,
  started: AsyncDisposableStack,
): Promise<Agent> {
  const clock = processClock;
  const random = processRandom;
  const instance = random.id();
  const stateFolder = openStateDirectory(settings.stateDirectory);
  const registry = new Registry();
  const { metrics, totals } = createGatewayMetrics(registry);
  const outbox = createSentRequests(clock.now);
  let spool: Spool | undefined;
  let configuration: Configuration | undefined;
  const spoolStatus = () => spool?.status() ?? NOTHING_SPOOLED;

  const outbound = openOutbound(settings, log);
  started.defer(() => outbound.close());
  const environmentCredentials = createEnvironmentCredentials(environment, settings.credentialEnvironment);
  const files = createFileCredentials(settings.credentialDirectory);
  const secrets = createSecretSource({ environment: environmentCredentials, files, clock });
  started.defer(() => secrets.stop());
  const credentials = createCredentialSource({
    environment: environmentCredentials,
    files,
    processEnvironment: environment,
    readFile: readIdentityFile,
    send: outbound.credentials.send,
    trustedHosts: settings.credentialHosts,
    clock,
    random,
    failed: (credential, problem) =>
      log.warn({ credential, problem }, "a provider's credential could not be fetched"),
  });
  configuration = await startConfiguration(settings, {
    stateFolder,
    instance,
    agentVersion: AGENT_VERSION,
    clock,
    random,
    credentials,
    connections: outbound.providers,
    dispatcher: outbound.controlPlane?.dispatcher,
    outbox,
    numbers: createAgentNumbers({ totals, spool: spoolStatus, config: () => configuration?.source }),
    record: (record) => spool?.record(record),
    flush: () => void spool?.uploadNow(),
    environment,
    log,
  });
  const { source: config, client } = configuration;
  started.defer(() => configuration.stop());
  spool = await startSpool({
    stateDir: stateFolder,
    clock,
    random,
    spoolLimitBytes: settings.spoolLimit,
    report: reportSpool(log),
    ...(client && { post: client.post }),
  });
  const usage = spool;
  let lastUploadMs = 0;
  started.defer(() => usage.close(lastUploadMs));

  const gateway = createGateway({
    config,
    usage: usage.sink,
    credentials,
    media: outbound.media,
    connections: outbound.providers,
    metrics,
    clock,
    random,
    log,
    settings: toGatewaySettings(settings),
    stateKey: readStateKey(settings.stateKey, stateFolder),
  });
  registerAgentMetrics(registry, {
    version: AGENT_VERSION,
    config,
    totals,
    spool: spoolStatus,
    now: clock.now,
  });
  let ending: Promise<void> | undefined;
  const admin = createAdminHandler({
    version: AGENT_VERSION,
    instance,
    config,
    registry,
    outbox,
    log,
    stopping: () => ending !== undefined,
  });
  const listeners = await openAgentListeners(settings, { gateway: gateway.handler, admin }, log);
  started.defer(() => listeners.close());
  const retaining = setInterval(() => {
    if (config.snapshot) outbound.providers.retain(config.snapshot.providers.values());
  }, RETAIN_MS);
  retaining.unref();
  started.defer(() => clearInterval(retaining));

  const end = async (): Promise<void> => {
    const deadline = clock.monotonic() + settings.stopDeadline;
    lastUploadMs = Math.min(LAST_UPLOAD_MS, settings.stopDeadline * LAST_UPLOAD_SHARE);
    log.info({ requests: gateway.inFlight() }, 'stopping');
    listeners.gateway.stopAccepting();
    await gateway.stop(Math.max(0, settings.stopDeadline - lastUploadMs));
    lastUploadMs = Math.min(lastUploadMs, Math.max(0, deadline - clock.monotonic()));
    await started.disposeAsync();
    log.info('stopped');
  };
  return {
    url: listeners.gateway.url,
    adminUrl: listeners.admin.url,
    stop: () => (ending ??= end()),
    flush: () => usage.flush(),
  };
}
