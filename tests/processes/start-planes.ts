import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newSecret } from '@bonito/protocol';
import { type Simulator, startSimulator } from '@bonito/simulator';
import { type ControlPlaneClient, controlPlaneClient, mustSucceed } from './control-plane-client.ts';
import { freePorts } from './free-ports.ts';
import { startProcess, type TestProcess } from './start-process.ts';
import { waitUntil } from './wait-until.ts';

/** A control plane, an agent and a simulator whose processes a test may kill and start again. */
export interface Planes {
  folder: string;
  simulator: Simulator;
  controlPlaneUrl: string;
  agentUrl: string;
  agentAdminUrl: string;
  organizationId: string;
  adminToken: string;
  apiKey: string;
  orgToken: string;
  providerId: string;
  api: ControlPlaneClient;
  controlPlane: TestProcess;
  agent: TestProcess;
  /** Output of processes that were replaced, for searching. */
  earlierOutput: string[];
  startControlPlane(): Promise<void>;
  startAgent(): Promise<void>;
  /** Adds a model in front of one of the simulator's, and gives the deployment's id. */
  addModel(name: string, upstreamModel: string): Promise<string>;
  stop(): Promise<void>;
}

export interface PlanesOptions {
  /** More environment for the agent. */
  agentEnvironment?: NodeJS.ProcessEnv;
  controlPlaneEnvironment?: NodeJS.ProcessEnv;
  /** The credential that the simulator wants and that the agent finds in its environment. */
  credential?: string;
  /** Stands between the agent and the control plane; gets the control plane's address and gives the one to use. */
  between?: (controlPlaneUrl: string) => Promise<string>;
}

/** Starts both planes on free ports and provisions an organization by the API. */
export async function startPlanes(options: PlanesOptions = {}): Promise<Planes> {
  const folder = mkdtempSync(join(tmpdir(), 'bonito-planes-'));
  const [controlPort, agentPort, adminPort] = await freePorts(3);
  const simulator = await startSimulator(options.credential ? { credential: options.credential } : {});
  const adminToken = newSecret('ba-');
  const controlPlaneUrl = `http://127.0.0.1:${controlPort}`;
  const agentUrl = `http://127.0.0.1:${agentPort}`;
  const api = controlPlaneClient(controlPlaneUrl, adminToken);
  const must = mustSucceed(api);
  const agentSees = (await options.between?.(controlPlaneUrl)) ?? controlPlaneUrl;

  const planes: Planes = {
    folder,
    simulator,
    controlPlaneUrl,
    agentUrl,
    agentAdminUrl: `http://127.0.0.1:${adminPort}`,
    adminToken,
    organizationId: '',
    apiKey: '',
    orgToken: '',
    providerId: '',
    api,
    earlierOutput: [],
    controlPlane: undefined as unknown as TestProcess,
    agent: undefined as unknown as TestProcess,
    startControlPlane: async () => {
      if (planes.controlPlane) planes.earlierOutput.push(planes.controlPlane.output());
      planes.controlPlane = startProcess('control-plane/src/main.ts', [], {
        BONITO_CONTROL_LISTEN: `127.0.0.1:${controlPort}`,
        BONITO_DATA_DIR: join(folder, 'control-plane'),
        BONITO_ADMIN_TOKEN: adminToken,
        ...options.controlPlaneEnvironment,
      });
      await isReady(controlPlaneUrl, planes.controlPlane);
    },
    startAgent: async () => {
      if (planes.agent) planes.earlierOutput.push(planes.agent.output());
      planes.agent = startProcess('data-plane-agent/src/main.ts', [], {
        BONITO_CONTROL_PLANE: agentSees,
        BONITO_ORG_TOKEN: planes.orgToken,
        BONITO_STATE_DIR: join(folder, 'agent'),
        BONITO_LISTEN: `127.0.0.1:${agentPort}`,
        BONITO_ADMIN_LISTEN: `127.0.0.1:${adminPort}`,
        ...(options.credential && { PROVIDER_API_KEY: options.credential }),
        ...options.agentEnvironment,
      });
      await isReady(agentUrl, planes.agent);
    },
    addModel: async (name, upstream_model) => {
      const price = { input: '1', output: '2' };
      const body = { name, provider_id: planes.providerId, upstream_model, family: 'simulated', price };
      return (await must('POST', '/api/deployments', body)).id;
    },
    stop: async () => {
      await planes.agent?.end();
      await planes.controlPlane?.end();
      await simulator.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };

  await planes.startControlPlane();
  planes.organizationId = (await must('POST', '/api/orgs', { name: 'Test' })).id;
  planes.orgToken = (await must('POST', `/api/orgs/${planes.organizationId}/tokens`, { name: 'test' })).token;
  planes.apiKey = (await must('POST', '/api/gateway/keys', { name: 'test' })).key;
  const credential = options.credential
    ? { from: 'environment', name: 'PROVIDER_API_KEY' }
    : { from: 'none' };
  const provider = {
    name: 'simulator',
    kind: 'openai-compatible',
    base_url: `${simulator.url}/v1`,
    credential,
  };
  planes.providerId = (await must('POST', '/api/providers', provider)).id;
  await planes.addModel('plain', 'sim/usage-10-5');
  await planes.startAgent();
  return planes;
}

async function isReady(url: string, process: TestProcess): Promise<void> {
  let ended = false;
  void process.ended.then(() => {
    ended = true;
  });
  await waitUntil(`${url} is ready`, async () => {
    if (ended) return true;
    return (await fetch(`${url}/health/ready`)).ok;
  });
  if (ended) throw new Error(`the process ended before it was ready:\n${process.output()}`);
}
