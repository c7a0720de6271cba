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

async function discover(kind: string, credential: Credential, basePath = '') {
  const config: Provider = {
    id: '019a0000-0000-7000-8000-000000000001',
    name: 'p',
    kind,
    base_url: simulator.url + basePath,
    project: 'simulator-project',
    credential: { from: 'none' },
    restrictions: [],
  };
  return listProviderModels(
    { config, origin: simulator.url, basePath, unusable: undefined },
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

const key = (value = simulator.credentials.apiKey): Credential => ({ type: 'secret', value });

it.each([
  ['gemini', '', ['sim/plain', 'sim/echo', 'sim/embedding']],
  ['gemini', '/v1beta', ['sim/plain', 'sim/echo', 'sim/embedding']],
  ['cohere', '', ['sim/plain', 'sim/echo', 'sim/embedding']],
  ['cohere', '/v2', ['sim/plain', 'sim/echo', 'sim/embedding']],
  // Publishers that the account does not see, or that have nothing, are no failure.
  [
    'vertex',
    '',
    [
      'gemini-sim',
      'text-embedding-sim',
      'imagen-sim',
      'claude-sim',
      'meta/llama-sim-maas',
      'mistralai/mistral-sim',
    ],
  ],
])(
  'finds what can be called at %s%s, on all pages, by the names that calls take',
  async (kind, base, models) => {
    expect(await discover(kind, key(), base)).toEqual({ models });
  },
);

it.each(['gemini', 'cohere', 'vertex'])('says that a key was refused at %s', async (kind) => {
  expect(await discover(kind, key('another'))).toMatchObject({
    failure: { error_code: 'authentication_failed', reason: 'refused' },
  });
});
