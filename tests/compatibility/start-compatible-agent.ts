import { sha256 } from '@bonito/protocol';
import { type Simulator, startSimulator } from '@bonito/simulator';
import { endAll, startTestAgent, TEST_KEY } from '../../data-plane-agent/src/start-test-agent.ts';
import { compatibilityFile, credentialEnvironment, PROVIDER_ROWS } from './provider-rows.ts';

/** An agent in front of a simulator, with every provider and the scenarios that a test needs. */
export interface CompatibleAgent {
  readonly url: string;
  readonly adminUrl: string;
  readonly key: string;
  readonly simulator: Simulator;
  close(): Promise<void>;
}

/**
 * @param scenarios of the simulator, `think,tool`; each provider has a model for each
 * @param routes further lines of the file's `routes`
 */
export async function startCompatibleAgent(
  scenarios: readonly string[],
  routes: readonly string[] = [],
): Promise<CompatibleAgent> {
  const simulator = await startSimulator();
  const file = compatibilityFile(simulator, PROVIDER_ROWS, scenarios, sha256(TEST_KEY), routes);
  const { url, adminUrl } = await startTestAgent(file, credentialEnvironment(simulator));
  return {
    url,
    adminUrl,
    key: TEST_KEY,
    simulator,
    close: async () => {
      await endAll();
      await simulator.close();
    },
  };
}
