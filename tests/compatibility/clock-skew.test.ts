import { sha256 } from '@bonito/protocol';
import { type Simulator, startSimulator } from '@bonito/simulator';
import { afterEach, describe, expect, it } from 'vitest';
import { endAll, startTestAgent, TEST_KEY } from '../../data-plane-agent/src/start-test-agent.ts';
import { credentialEnvironment } from './provider-rows.ts';

const HOUR = 3_600_000;
const CREDENTIAL =
  '{ from: aws, source: static, secret: { from: environment, name: BONITO_CREDENTIAL_AWS } }';
let simulator: Simulator;

afterEach(async () => {
  await endAll();
  await simulator.close();
});

describe("AWS's clock and ours differ", () => {
  it.each([
    ['ahead by an hour', HOUR],
    ['behind by an hour', -HOUR],
  ])('it is %s: the second attempt is good, and every request after it', async (_name, differs) => {
    simulator = await startSimulator({ now: () => Date.now() + differs });
    const { url } = await startTestAgent(
      `listen: 127.0.0.1:0
admin: 127.0.0.1:0
providers:
  - { name: p, kind: bedrock, base_url: "${simulator.url}", region: eu-central-1, credential: ${CREDENTIAL} }
models:
  - { name: m, provider: p, upstream_model: us.vendor.sim.plain, family: claude, price: { input: "1", output: "1" } }
routes: []
keys:
  - { name: test, sha256: ${sha256(TEST_KEY)} }
`,
      credentialEnvironment(simulator),
    );
    const ask = (stream: boolean) =>
      fetch(`${url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${TEST_KEY}` },
        body: JSON.stringify({ model: 'm', stream, messages: [{ role: 'user', content: 'hello' }] }),
      });
    expect((await ask(false)).status).toBe(200);
    const statuses = () => simulator.listAttempts().map(({ status }) => status);
    await simulator.settled();
    expect(statuses()).toEqual([403, 200]);
    const streamed = await ask(true);
    expect([streamed.status, (await streamed.text()).includes('[DONE]')]).toEqual([200, true]);
    await simulator.settled();
    expect(statuses()).toEqual([403, 200, 200]);
  });
});
