import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ControlPlaneClient, controlPlaneClient } from './control-plane-client.ts';
import { freePorts } from './free-ports.ts';
import { startProcess, type TestProcess } from './start-process.ts';

/** What `npm start` runs, with the contents of its `dev.json`. */
export interface Product {
  process: TestProcess;
  folder: string;
  flags: string[];
  simulatorUrl: string;
  dev: {
    controlPlaneUrl: string;
    agentUrl: string;
    agentAdminUrl: string;
    organizationId: string;
    adminToken: string;
    apiKey: string;
    orgToken: string;
  };
  /** The control plane's API as the administrator. */
  api: ControlPlaneClient;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
}

/** Runs `npm start`'s own entry on free ports in a folder of its own, and waits for its banner. */
export async function startProduct(environment: NodeJS.ProcessEnv = {}): Promise<Product> {
  const folder = mkdtempSync(join(tmpdir(), 'bonito-test-'));
  const [controlPlane = 0, agent = 0, admin = 0, simulator = 0] = await freePorts(4);
  const flags = [
    ['--folder', folder],
    ['--control-plane-port', controlPlane],
    ['--agent-port', agent],
    ['--agent-admin-port', admin],
    ['--simulator-port', simulator],
  ].flatMap(([flag, value]) => [String(flag), String(value)]);
  const process = startProcess('quickstart/src/main.ts', flags, environment);
  await process.waitForOutput('Ctrl-C ends everything.');
  const dev: Product['dev'] = JSON.parse(readFileSync(join(folder, 'dev.json'), 'utf8'));
  const product: Product = {
    process,
    folder,
    flags,
    dev,
    simulatorUrl: `http://127.0.0.1:${simulator}`,
    api: controlPlaneClient(dev.controlPlaneUrl, dev.adminToken),
    stop: async () => {
      await product.process.end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return product;
}
