import type { Provider } from '@bonito/protocol';
import { type Simulator, startSimulator } from '@bonito/simulator';
import { Agent } from 'undici';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Credential } from '../gateway/providers/provider-kind.ts';
import { listProviderModels } from './list-provider-models.ts';
import { systemTimers } from './timers.ts';

let simulator: Simulator;
const dispatcher = new Agent();

beforeAll(async () => {
  simulator = await startSimulator();
});
afterAll(async () => {
  await dispatcher.close();
  await simulator.close();
});

async function discover(credential: Credential) {
  const config: Provider = {
    id: '019a0000-0000-7000-8000-000000000001',
    name: 'p',
    kind: 'bedrock',
    base_url: simulator.url,
    region: 'us-east-1',
    credential: { from: 'none' },
    restrictions: [],
  };
  return listProviderModels(
    { config, origin: simulator.url, basePath: '', unusable: undefined },
    {
      credentials: {
        read: () => credential,
        verify: async () => undefined,
        problem: () => undefined,
        refused: () => {},
      },
      connections: { dispatcher: () => dispatcher },
      clock: { now: Date.now, monotonic: () => performance.now() },
      timers: systemTimers,
      signal: new AbortController().signal,
    },
  );
}

const signed = (secretAccessKey: string): Credential => ({
  type: 'aws',
  accessKeyId: simulator.credentials.awsAccessKeyId,
  secretAccessKey,
  skewMs: 0,
});

it('finds what can be called at Bedrock, on all pages, each by the name that calls take', async () => {
  expect(await discover(signed(simulator.credentials.awsSecretAccessKey))).toEqual({
    models: [
      'vendor.sim.plain',
      'us.vendor.sim.plain',
      'us.vendor.sim.echo',
      'arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/sim0plain',
    ],
  });
});

it('says that a signature was refused', async () => {
  expect(await discover(signed('another secret'))).toMatchObject({
    failure: { error_code: 'authentication_failed', reason: 'refused' },
  });
});
