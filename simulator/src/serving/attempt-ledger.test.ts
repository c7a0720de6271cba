import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { useSimulator } from '../test-simulator.ts';
import type { Attempt } from './attempt-ledger.ts';

const { post, chat, simulator } = useSimulator();

describe('attempts', () => {
  it('lists what arrived, without credentials', async () => {
    const body = '{"model": "m",  "messages": [{"role":"user","content":"byte exact"}]}';
    const headers = { 'x-request-id': 'req-1', authorization: 'Bearer secret', 'api-key': 'hidden' };
    await (await post('/v1/chat/completions', body, headers)).text();
    const listed = await fetch(`${simulator().url}/simulator/attempts/list?after=0`);
    const [attempt] = ((await listed.json()) as { data: Attempt[] }).data;
    expect(attempt).toMatchObject({
      path: '/v1/chat/completions',
      model: 'm',
      status: 200,
      stream: false,
      outcome: 'completed',
      request_id: 'req-1',
      body_bytes: body.length,
      body_sha256: createHash('sha256').update(body).digest('hex'),
      credential_sha256: createHash('sha256').update('secret').digest('hex'),
    });
    expect(attempt?.header_names).toEqual(
      expect.arrayContaining(['api-key', 'authorization', 'x-request-id']),
    );
    expect(JSON.stringify(attempt?.headers)).not.toMatch(/secret|hidden/);
    const after = await (
      await fetch(`${simulator().url}/simulator/attempts/list?after=${attempt?.sequence}`)
    ).json();
    expect(after).toEqual({ data: [], next_after: null });
  });

  it('sums by model and status, and forgets when told', async () => {
    for (const model of ['m', 'm', 'sim/status-500', '__proto__']) await (await chat(model)).text();
    const totals = await (await fetch(`${simulator().url}/simulator/attempts`)).text();
    expect(totals).toContain('"by_model":{"m":2,"sim/status-500":1,"__proto__":1}');
    expect(JSON.parse(totals)).toMatchObject({ total: 4, completed: 4, by_status: { 200: 3, 500: 1 } });
    expect((await fetch(`${simulator().url}/simulator/attempts`, { method: 'DELETE' })).status).toBe(204);
    expect(simulator().attempts().total).toBe(0);
  });

  it('counts requests that it refuses', async () => {
    await (await post('/v1/chat/completions', 'not json')).text();
    expect(simulator().attempts()).toMatchObject({
      total: 1,
      by_status: { 400: 1 },
      by_model: { '(none)': 1 },
    });
  });
});
