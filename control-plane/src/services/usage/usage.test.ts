import { newId, type UsageRecord } from '@bonito/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeOnEachDatabase } from '../../testing/each-database.ts';
import { configureSample } from '../../testing/sample-organization.ts';
import { type SampleIds, sampleUsage } from '../../testing/sample-records.ts';
import { startTestReplica, type TestReplica } from '../../testing/test-replica.ts';
import { deleteDeployment } from '../deployments/delete.ts';
import { deleteKey } from '../keys/delete.ts';
import { getUsage } from './get-usage.ts';
import { listLogs } from './list-logs.ts';
import { logsQuerySchema, usageQuerySchema } from './usage.schemas.ts';

const NOW = Date.parse('2026-11-21T10:00:00.000Z');

describeOnEachDatabase('usage and logs', (suite) => {
  let replica: TestReplica;
  beforeAll(async () => {
    replica = await startTestReplica(suite.open, { now: () => NOW });
  });
  afterAll(() => replica.stop());

  async function newTenant(make: (ids: SampleIds) => UsageRecord[]) {
    const agent = await replica.newAgent();
    const context = replica.context(agent.organizationId);
    const { provider, deployment, key } = await configureSample(context);
    const ids = { key_id: key.id, provider_id: provider.id, deployment_id: deployment.id };
    const records = make(ids);
    const deliver = async (batch: UsageRecord[]) => {
      const body = { stream: newId(), first_sequence: 0, records: batch };
      expect((await replica.post(agent, '/ingest', body)).status).toBe(200);
    };
    await deliver(records);
    return { context, ids, records, deliver };
  }

  const usage = (context: ReturnType<TestReplica['context']>, query: Record<string, string>) =>
    getUsage(context, usageQuerySchema.parse(query));
  const logs = (context: ReturnType<TestReplica['context']>, query: Record<string, string>) =>
    listLogs(context, logsQuerySchema.parse(query));

  it('sums by day, model, key and provider, and the groups add up to the totals', async () => {
    const { context, ids } = await newTenant((sample) => [
      sampleUsage(sample, { occurred_at: '2026-11-20T23:59:59.999Z' }),
      sampleUsage(sample, { attempts: [{ outcome: 'error', tokens: {}, cost_nanos: 0 }, {}] }),
      sampleUsage({ ...sample, key_id: null }, { outcome: 'cancelled' }),
      sampleUsage(sample, { outcome: 'unknown', deployment_id: null, attempts: [{ quality: 'unknown' }] }),
      sampleUsage(sample, { outcome: 'error', deployment_id: null, requested_id: null, attempts: [] }),
    ]);
    const byDay = await usage(context, {});
    expect(byDay.data.map(({ day, requests, cost_nanos }) => [day, requests, cost_nanos])).toEqual([
      ['2026-11-20', 1, 1_250],
      ['2026-11-21', 4, 3_750],
    ]);
    expect(byDay.totals).toMatchObject({
      requests: 5,
      errors: 1,
      cancelled: 1,
      unknown: 1,
      attempts: 5,
      input_tokens: 440,
      output_tokens: 200,
      cost_nanos: 5_000,
    });
    for (const group_by of ['model', 'key', 'provider', 'day,model,key,provider']) {
      const { data, totals } = await usage(context, { group_by });
      for (const name of ['requests', 'attempts', 'cost_nanos', 'input_tokens'] as const)
        expect(data.reduce((sum, row) => sum + (row[name] ?? 0), 0)).toBe(totals[name]);
    }
    const byModel = await usage(context, { group_by: 'model' });
    expect(byModel.data.map(({ model, requests }) => [model, requests])).toEqual([
      ['small', 4],
      [null, 1],
    ]);
    const ofKey = await usage(context, { key_id: ids.key_id ?? '', group_by: 'key' });
    expect(ofKey.data).toMatchObject([{ key: 'application', key_id: ids.key_id, requests: 4 }]);
  });

  it('breaks down by each of day, model, key and provider', async () => {
    const { context, ids } = await newTenant((sample) => [
      sampleUsage(sample, { occurred_at: '2026-11-20T23:00:00.000Z' }),
      sampleUsage(sample),
      sampleUsage({ ...sample, key_id: null }),
    ]);
    const one = { input_tokens: 110, output_tokens: 50, cost_nanos: 1_250, requests: 1, attempts: 1 };
    const two = { input_tokens: 220, output_tokens: 100, cost_nanos: 2_500, requests: 2, attempts: 2 };
    const all = { input_tokens: 330, output_tokens: 150, cost_nanos: 3_750, requests: 3, attempts: 3 };
    const expected = {
      day: [
        { day: '2026-11-20', ...one },
        { day: '2026-11-21', ...two },
      ],
      model: [{ model: 'small', ...all }],
      key: [
        { key_id: ids.key_id, key: 'application', ...two },
        { key_id: null, key: null, ...one },
      ],
      provider: [{ provider_id: ids.provider_id, provider: 'upstream', ...all }],
    };
    for (const [group_by, data] of Object.entries(expected)) {
      const answer = await usage(context, { group_by });
      expect([group_by, answer.data]).toMatchObject([group_by, data]);
      expect(answer.data).toHaveLength(data.length);
      expect(answer.totals).toMatchObject(all);
    }
  });

  it('pages through groups of every kind, whatever is added meanwhile', async () => {
    const { context, ids, deliver } = await newTenant((sample) => [
      sampleUsage(sample, { occurred_at: '2026-11-19T08:00:00.000Z' }),
      sampleUsage({ ...sample, key_id: null }, { occurred_at: '2026-11-20T08:00:00.000Z' }),
      sampleUsage(sample, { deployment_id: null, requested_id: null, attempts: [] }),
    ]);
    for (const group_by of ['day', 'model', 'key', 'provider', 'provider,key,model,day']) {
      const whole = (await usage(context, { group_by })).data;
      const paged: unknown[] = [];
      let cursor: string | null = null;
      do {
        const page = await usage(context, { group_by, limit: '1', ...(cursor && { cursor }) });
        paged.push(...page.data);
        cursor = page.next_cursor;
      } while (cursor);
      expect([group_by, paged]).toEqual([group_by, whole]);
    }
    const first = await usage(context, { limit: '1' });
    await deliver([sampleUsage(ids, { occurred_at: '2026-11-18T08:00:00.000Z' })]);
    const second = await usage(context, { limit: '1', cursor: first.next_cursor ?? '' });
    expect([...first.data, ...second.data].map(({ day }) => day)).toEqual(['2026-11-19', '2026-11-20']);
    const nul = Buffer.from('["\\u0000"]').toString('base64url');
    for (const cursor of ['2', 'nonsense', nul, Buffer.from('[null,null]').toString('base64url')])
      await expect(usage(context, { cursor })).rejects.toThrow('cursor');
  });

  it('includes the first moment of a span and leaves out the last', async () => {
    const { context } = await newTenant((sample) =>
      [
        '2026-11-20T23:59:59.999Z',
        '2026-11-21T00:00:00.000Z',
        '2026-11-21T08:59:59.999Z',
        '2026-11-21T09:00:00.000Z',
      ].map((occurred_at) => sampleUsage(sample, { occurred_at })),
    );
    const span = { from: '2026-11-21', to: '2026-11-21T09:00:00Z' };
    expect((await usage(context, span)).totals.requests).toBe(2);
    expect((await logs(context, span)).data.map(({ occurred_at }) => occurred_at)).toEqual([
      '2026-11-21T08:59:59.999Z',
      '2026-11-21T00:00:00.000Z',
    ]);
    // Totals are kept by the hour: a part of one stands for all of it.
    const part = await usage(context, { from: '2026-11-21T08:30:00Z', to: '2026-11-21T08:31:00Z' });
    expect(part).toMatchObject({
      from: '2026-11-21T08:00:00.000Z',
      to: '2026-11-21T09:00:00.000Z',
      totals: { requests: 1 },
    });
    const far = { from: '1970-01-01', to: '2999-12-31T23:59:59.999Z' };
    expect((await logs(context, far)).data).toHaveLength(4);
    await expect(logs(context, { from: '2026-11-21', to: '2026-11-21' })).rejects.toThrow('before');
  });

  it('pages through groups, and takes only the hours that were asked for', async () => {
    const { context } = await newTenant((sample) =>
      ['2026-11-01T00:00:00.000Z', '2026-11-02T05:30:00.000Z', '2026-11-03T00:00:00.000Z'].map(
        (occurred_at) => sampleUsage(sample, { occurred_at }),
      ),
    );
    const first = await usage(context, { limit: '2', from: '2026-11-01' });
    expect(first.data.map(({ day }) => day)).toEqual(['2026-11-01', '2026-11-02']);
    const second = await usage(context, { limit: '2', from: '2026-11-01', cursor: first.next_cursor ?? '' });
    expect([second.data.map(({ day }) => day), second.next_cursor]).toEqual([['2026-11-03'], null]);
    const span = await usage(context, { from: '2026-11-02', to: '2026-11-03' });
    expect(span.totals.requests).toBe(1);
    await expect(usage(context, { from: '2026-11-03', to: '2026-11-02' })).rejects.toThrow('before');
    await expect(usage(context, { from: '2020-01-01' })).rejects.toThrow('400 days');
  });

  it('lists requests, newest first, page by page, with their attempts', async () => {
    const { context, ids, records } = await newTenant((sample) =>
      Array.from({ length: 7 }, (_, index) =>
        // Three of them in the same millisecond.
        sampleUsage(sample, {
          occurred_at: `2026-11-21T08:00:00.00${Math.min(index, 4)}Z`,
          attempts:
            index === 6
              ? [{ outcome: 'error', status: 500, error_code: 'provider_error', tokens: {} }, {}]
              : [{}],
        }),
      ),
    );
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page = await logs(context, { limit: '3', ...(cursor && { cursor }) });
      seen.push(...page.data.map(({ id }) => id));
      cursor = page.next_cursor;
    } while (cursor);
    expect(seen).toHaveLength(7);
    expect(new Set(seen)).toEqual(new Set(records.map(({ id }) => id)));
    const [row] = (await logs(context, { request_id: records[6]?.request_id ?? '' })).data;
    expect(row).toMatchObject({
      status: 'success',
      input_tokens: 110,
      output_tokens: 50,
      cost_nanos: 2_500,
      model_requested: 'small',
      model_used: 'small',
      provider: 'upstream',
      key: 'application',
      key_id: ids.key_id,
      latency_ms: 320,
      attempts: 2,
      attempts_detail: [
        { outcome: 'error', http_status: 500, error_code: 'provider_error', input_tokens: 0 },
        { outcome: 'success', http_status: 200, provider: 'upstream', model: 'small', input_tokens: 110 },
      ],
      source: 'vpc_agent',
    });
  });

  it('lists no request twice and leaves none out while others arrive', async () => {
    const at = (minute: number) => `2026-11-21T08:${String(minute).padStart(2, '0')}:00.000Z`;
    const { context, ids, records, deliver } = await newTenant((sample) =>
      [10, 20, 30, 40, 50, 50].map((minute) => sampleUsage(sample, { occurred_at: at(minute) })),
    );
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page = await logs(context, { limit: '2', ...(cursor && { cursor }) });
      seen.push(...page.data.map(({ id }) => id));
      cursor = page.next_cursor;
      await deliver([59, 51].map((minute) => sampleUsage(ids, { occurred_at: at(minute) })));
    } while (cursor);
    expect(seen).toHaveLength(records.length);
    expect(new Set(seen)).toEqual(new Set(records.map(({ id }) => id)));
  });

  it('filters, and shows what was not seen to the end as an error', async () => {
    const { context, ids } = await newTenant((sample) => [
      sampleUsage(sample),
      sampleUsage(sample, { outcome: 'error', error_code: 'rate_limited', status: 429 }),
      sampleUsage(sample, { outcome: 'unknown', status: null }),
      sampleUsage({ ...sample, key_id: null }, { outcome: 'cancelled', requested_id: null }),
    ]);
    const count = async (query: Record<string, string>) => (await logs(context, query)).data.length;
    expect(await count({ status: 'success' })).toBe(1);
    expect(
      (await logs(context, { status: 'error' })).data.map(({ error_code }) => error_code).sort(),
    ).toEqual(['rate_limited', 'unknown']);
    expect((await logs(context, { status: 'cancelled' })).data).toMatchObject([
      { status: 'cancelled', model_requested: 'unrecognized', model_used: 'small', key: null },
    ]);
    expect(await count({ model: 'small' })).toBe(4);
    expect(await count({ model: 'large' })).toBe(0);
    expect(await count({ provider: 'upstream' })).toBe(4);
    expect(await count({ provider: ids.provider_id })).toBe(4);
    expect(await count({ key_id: ids.key_id ?? '' })).toBe(3);
    expect(await count({ from: '2026-11-22' })).toBe(0);
    expect(await count({ to: '2026-11-21T08:15:00Z' })).toBe(0);
    await expect(logs(context, { cursor: 'nonsense' })).rejects.toThrow('cursor');
  });

  it('keeps the names of what was deleted, and shows nothing to others', async () => {
    const { context, ids } = await newTenant((sample) => [sampleUsage(sample)]);
    await deleteKey(context, ids.key_id ?? '');
    await deleteDeployment(context, ids.deployment_id);
    expect((await logs(context, {})).data).toMatchObject([
      { key: 'application', model_requested: 'small', model_used: 'small' },
    ]);
    expect((await logs(context, { model: 'small' })).data).toHaveLength(1);
    const other = replica.context((await replica.newAgent()).organizationId);
    expect((await logs(other, {})).data).toEqual([]);
    expect((await usage(other, {})).totals.requests).toBe(0);
  });
});
