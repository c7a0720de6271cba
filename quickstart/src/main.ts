import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { newSecret } from '@bonito/protocol';
import { banner } from './banner.ts';
import { checkPorts } from './check-ports.ts';
import { chooseProvider } from './choose-provider.ts';
import { claimFolder } from './claim-folder.ts';
import { controlPlaneApi } from './control-plane-api.ts';
import { type DevFile, readDevFile, writeDevFile } from './dev-file.ts';
import { agentPart, controlPlanePart, simulatorPart } from './parts.ts';
import { hasSimulator, provisionOrganization, provisionProvider } from './provision.ts';
import { helpText, readSettings, type Settings } from './settings.ts';
import { StartupError } from './startup-error.ts';
import { type Part, type RunningPart, superviseProcess } from './supervise-process.ts';
import { waitForModel } from './wait-for-model.ts';

/** Patience with a part that was asked to stop, in milliseconds; all of them together stay under two seconds. */
const PATIENCE = { agent: 900, controlPlane: 700, simulator: 200 };

const running: Partial<Record<'agent' | 'controlPlane' | 'simulator', RunningPart>> = {};
let stopping = false;

async function stopAll(exitCode: number): Promise<never> {
  if (!stopping) {
    stopping = true;
    // The agent first: it hands its last numbers to the control plane.
    await running.agent?.stop(PATIENCE.agent);
    await Promise.all([
      running.controlPlane?.stop(PATIENCE.controlPlane),
      running.simulator?.stop(PATIENCE.simulator),
    ]);
  }
  process.exit(exitCode);
}

const supervise = (part: Part) => superviseProcess(part, console.error, () => void stopAll(1));

async function start(settings: Settings): Promise<void> {
  await claimFolder(settings.folder);
  await checkPorts(settings);
  mkdirSync(join(settings.folder, 'logs'), { recursive: true, mode: 0o700 });
  const simulatorUrl = `http://127.0.0.1:${settings.simulatorPort}/v1`;
  const provider = await chooseProvider(process.env, simulatorUrl);

  const known = readDevFile(settings.folder);
  const urls = {
    controlPlaneUrl: `http://127.0.0.1:${settings.controlPlanePort}`,
    agentUrl: `http://127.0.0.1:${settings.agentPort}`,
    agentAdminUrl: `http://127.0.0.1:${settings.agentAdminPort}`,
  };
  const adminToken = known.adminToken ?? newSecret('ba-');
  // Before the control plane learns it, so that a start that is broken off can be taken up again.
  writeDevFile(settings.folder, { ...known, ...urls, adminToken });
  running.controlPlane = await supervise(controlPlanePart(settings, adminToken));
  const api = controlPlaneApi(urls.controlPlaneUrl, adminToken);
  const dev: DevFile = { ...urls, adminToken, ...(await provisionOrganization(api, known)) };
  writeDevFile(settings.folder, dev);

  await provisionProvider(api, provider);
  if (await hasSimulator(api)) running.simulator = await supervise(simulatorPart(settings));
  running.agent = await supervise(agentPart(settings, dev.orgToken));
  await waitForModel(dev, provider.exampleModel);
  console.log(banner(dev, provider));
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void stopAll(0));

try {
  const settings = readSettings(process.argv.slice(2), process.env);
  if (settings) await start(settings);
  else console.log(helpText());
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  const theirs = error instanceof Error && 'exitCode' in error && error.exitCode === 2;
  if (!stopping) await stopAll(error instanceof StartupError || theirs ? 2 : 1);
}
