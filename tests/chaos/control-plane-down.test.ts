import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { allLogs } from '../processes/all-logs.ts';
import { chat } from '../processes/chat.ts';
import { type Planes, startPlanes } from '../processes/start-planes.ts';
import { waitUntil } from '../processes/wait-until.ts';

let planes: Planes;
beforeAll(async () => {
  planes = await startPlanes();
});
afterAll(() => planes?.stop());

describe('promise 5: control plane down is not data plane down', () => {
  test('the agent is restarted without it, serves, and hands everything in once when it is back', {
    timeout: 120_000,
  }, async () => {
    const ids: (string | null)[] = [];
    const send = async (count: number) => {
      for (let index = 0; index < count; index++) {
        const answer = await chat(planes.agentUrl, planes.apiKey, { model: 'plain' });
        expect(answer.status).toBe(200);
        ids.push(answer.requestId);
      }
    };
    await send(5);
    await planes.controlPlane.end('SIGKILL');
    await send(20);
    await planes.agent.end('SIGTERM');
    await planes.startAgent();
    await send(20);
    await planes.agent.end('SIGKILL');
    await planes.startAgent();
    await send(20);
    await planes.startControlPlane();
    const rows = await waitUntil(
      'all of them are in the logs',
      async () => {
        const all = await allLogs(planes.api);
        return all.length >= ids.length && all;
      },
      90_000,
    );
    expect(rows.map((row) => row.request_id).sort()).toEqual([...ids].sort());
    // The last request before the kill may have been answered and not yet written down: then it is known to be unknown.
    const failed = rows.filter((row) => row.status !== 'success');
    expect(failed.length).toBeLessThanOrEqual(1);
    expect(failed.every((row) => row.error_code === 'unknown')).toBe(true);
  });

  test('a key made or deleted at the control plane counts at the agent within a second', async () => {
    await waitUntil('the agent is connected again', async () => {
      const { body } = await planes.api('GET', `/api/orgs/${planes.organizationId}/agents`);
      return body.data.some((agent: { status: string }) => agent.status === 'online');
    });
    const { body: created } = await planes.api('POST', '/api/gateway/keys', { name: 'new' });
    const works = async () => (await chat(planes.agentUrl, created.key, { model: 'plain' })).status;
    await waitUntil('the new key works', async () => (await works()) === 200, 5_000);
    await planes.api('DELETE', `/api/gateway/keys/${created.id}`);
    await waitUntil('the deleted key is refused', async () => (await works()) === 401, 5_000);
  });
});
