import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { allLogs, type LogRow } from '../processes/all-logs.ts';
import { chat } from '../processes/chat.ts';
import { waitForModels } from '../processes/simulated-models.ts';
import { type Planes, startPlanes } from '../processes/start-planes.ts';
import { waitUntil } from '../processes/wait-until.ts';

const REQUESTS = 2_000;
const AT_ONCE = 32;

let planes: Planes;
beforeAll(async () => {
  planes = await startPlanes();
  // Slow enough that each kill meets requests on their way.
  await planes.addModel('steady', 'sim/usage-10-5,slow-first-byte-50');
  await waitForModels(planes.agentUrl, planes.apiKey, ['steady']);
});
afterAll(() => planes?.stop());

/** Sends requests; each disturbance runs when its number is reached, one after the other, while the rest goes on. */
async function load(disturbances: ReadonlyMap<number, () => Promise<void>>): Promise<void> {
  let sent = 0;
  let disturbance = Promise.resolve();
  const worker = async () => {
    while (sent < REQUESTS) {
      const disturb = disturbances.get(++sent);
      if (disturb) {
        disturbance = disturbance.then(disturb);
        await disturbance;
      }
      const { status } = await chat(planes.agentUrl, planes.apiKey, {
        model: 'steady',
        stream: sent % 4 === 0,
      });
      if (status === 0) await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

const attemptsIn = (rows: LogRow[]) => rows.reduce((total, row) => total + row.attempts, 0);
const isUnknown = (row: LogRow) => row.error_code === 'unknown';

describe('promise 2: counted once', () => {
  test('kill -9 of the agent and of the control plane in the middle of 2,000 requests', {
    timeout: 240_000,
  }, async () => {
    await load(
      new Map([
        [
          500,
          async () => {
            await planes.agent.end('SIGKILL');
            await planes.startAgent();
          },
        ],
        [
          900,
          async () => {
            await planes.controlPlane.end('SIGKILL');
            await planes.startControlPlane();
          },
        ],
        [
          1_500,
          async () => {
            await planes.agent.end('SIGKILL');
            await planes.controlPlane.end('SIGKILL');
            await planes.startAgent();
            await planes.startControlPlane();
          },
        ],
      ]),
    );
    await planes.simulator.settled();
    const seen = planes.simulator.attempts();
    const rows = await waitUntil(
      'every attempt is in the logs',
      async () => {
        const all = await allLogs(planes.api);
        return attemptsIn(all) >= seen.total && all;
      },
      60_000,
    );

    expect(new Set(rows.map((row) => row.request_id)).size).toBe(rows.length);
    const unknown = rows.filter(isUnknown);
    const known = rows.filter((row) => !isUnknown(row));
    expect(unknown.length).toBeGreaterThan(0);
    // Two kills of the agent, each with at most as many attempts in flight as there were workers.
    expect(unknown.length).toBeLessThanOrEqual(2 * AT_ONCE);
    // Whatever the provider saw is there; what is there and was not seen is an unknown record.
    expect(attemptsIn(known)).toBeLessThanOrEqual(seen.total);
    expect(seen.total).toBeLessThanOrEqual(attemptsIn(rows));
    // Every answered attempt is billed with the provider's figures, to the token.
    const answered = known.filter((row) => row.status === 'success' && row.attempts > 0);
    expect(answered.length).toBeGreaterThan(REQUESTS / 4);
    for (const row of answered)
      expect(row).toMatchObject({ input_tokens: 10, output_tokens: 5, cost_nanos: 20_000 });
    const usage = await planes.api('GET', '/api/gateway/usage?group_by=model');
    const total = usage.body.data.reduce(
      (sum: number, row: { cost_nanos: number }) => sum + row.cost_nanos,
      0,
    );
    expect(total).toBe(rows.reduce((sum, row) => sum + row.cost_nanos, 0));
  });
});
