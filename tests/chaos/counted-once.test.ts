import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { allLogs, type LogRow } from '../processes/all-logs.ts';
import { chat } from '../processes/chat.ts';
import { type Planes, startPlanes } from '../processes/start-planes.ts';
import { waitUntil } from '../processes/wait-until.ts';

const REQUESTS = 2_000;
const AT_ONCE = 32;

let planes: Planes;
beforeAll(async () => {
  planes = await startPlanes();
});
afterAll(() => planes?.stop());

/** Sends requests until that many were tried; `at` runs once when its number is reached, beside the load. */
async function load(at: Map<number, () => Promise<void>>): Promise<void> {
  let sent = 0;
  const disturbances: Promise<void>[] = [];
  const worker = async () => {
    while (sent < REQUESTS) {
      const disturb = at.get(++sent);
      if (disturb) disturbances.push(disturb());
      const { status } = await chat(planes.agentUrl, planes.apiKey, {
        model: 'plain',
        stream: sent % 4 === 0,
      });
      if (status === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  await Promise.all(disturbances);
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
    // Two kills of the agent, each with at most as many attempts in flight as there were workers.
    expect(unknown.length).toBeLessThanOrEqual(2 * AT_ONCE);
    // Whatever the provider saw is there; what is there and was not seen is an unknown record.
    expect(attemptsIn(known)).toBeLessThanOrEqual(seen.total);
    expect(seen.total).toBeLessThanOrEqual(attemptsIn(rows));
    // Every answered attempt is billed with the provider's figures, to the token.
    const answered = known.filter((row) => row.status === 'success');
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
