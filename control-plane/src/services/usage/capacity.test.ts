import { newId } from '@bonito/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeOnEachDatabase } from '../../testing/each-database.ts';
import { configureSample } from '../../testing/sample-organization.ts';
import { sampleUsage } from '../../testing/sample-records.ts';
import { startTestReplica, type TestReplica } from '../../testing/test-replica.ts';
import { createDeployment } from '../deployments/create.ts';
import { deleteDeployment } from '../deployments/delete.ts';
import { createDeploymentSchema, updateDeploymentSchema } from '../deployments/deployments.schemas.ts';
import { updateDeployment } from '../deployments/update.ts';
import { getUsage } from './get-usage.ts';
import { usageQuerySchema } from './usage.schemas.ts';

const HOUR = 3_600_000;
const MIDNIGHT = Date.parse('2026-11-20T00:00:00.000Z');
/** 6 USD an hour, in nano-USD. */
const SIX = 6_000_000_000;

describeOnEachDatabase('capacity that is paid by the hour', (suite) => {
  let replica: TestReplica;
  let now = MIDNIGHT;
  beforeAll(async () => {
    replica = await startTestReplica(suite.open, { now: () => now });
  });
  afterAll(() => replica.stop());

  async function newTenant() {
    now = MIDNIGHT + HOUR / 2;
    const agent = await replica.newAgent();
    const context = replica.context(agent.organizationId);
    const { provider, deployment, key } = await configureSample(context);
    const held = await createDeployment(
      context,
      createDeploymentSchema.parse({
        ...{ name: 'held', provider_id: provider.id, upstream_model: 'own', price_per_hour: '6' },
      }),
    );
    const change = (body: object) => updateDeployment(context, held.id, updateDeploymentSchema.parse(body));
    const usage = (query: object = {}) => getUsage(context, usageQuerySchema.parse(query));
    return { agent, context, provider, deployment, key, held, change, usage };
  }

  it('costs its price for the time that it exists, to the part of an hour, and not before or after', async () => {
    const { context, held, usage } = await newTenant();
    expect(held).toMatchObject({
      price_source: 'own',
      price_per_hour: '6',
      price: { input: '0', images: '0' },
    });
    expect((await usage()).totals).toMatchObject({ capacity_cost_nanos: 0, cost_nanos: 0, requests: 0 });
    now += 2 * HOUR;
    expect((await usage()).totals.capacity_cost_nanos).toBe(2 * SIX);
    now += HOUR / 4;
    await deleteDeployment(context, held.id);
    now += 48 * HOUR;
    expect((await usage()).totals.capacity_cost_nanos).toBe(2.25 * SIX);
  });

  it('is counted once, however often it is asked for and divided', async () => {
    const { held, usage, context, provider } = await newTenant();
    now += 40 * HOUR;
    const { data, totals } = await usage({ group_by: 'day' });
    expect(data.map(({ day, capacity_cost_nanos }) => [day, capacity_cost_nanos])).toEqual([
      ['2026-11-20', 23.5 * SIX],
      ['2026-11-21', 16.5 * SIX],
    ]);
    expect(totals.capacity_cost_nanos).toBe(40 * SIX);
    const byModel = await usage({ group_by: 'model,provider,key' });
    expect(byModel.data).toMatchObject([
      {
        model: held.name,
        provider_id: provider.id,
        key_id: null,
        capacity_cost_nanos: 40 * SIX,
        requests: 0,
      },
    ]);
    const part = await usage({ from: '2026-11-20T10:00:00Z', to: '2026-11-20T12:00:00Z' });
    expect(part.totals.capacity_cost_nanos).toBe(2 * SIX);
    const first = await usage({ group_by: 'day', limit: 1 });
    const second = await usage({ group_by: 'day', limit: 1, cursor: first.next_cursor });
    expect(second.data[0]).toMatchObject({ day: '2026-11-21', capacity_cost_nanos: 16.5 * SIX });
    // Another tenant sees nothing of it.
    const other = replica.context((await replica.newAgent()).organizationId);
    expect((await getUsage(other, usageQuerySchema.parse({}))).totals.capacity_cost_nanos).toBe(0);
    expect(context.organizationId).not.toBe(other.organizationId);
  });

  it('counts every moment at the price that held then, through changes in the same hour', async () => {
    const { change, usage } = await newTenant();
    now += HOUR;
    // A change that leaves the price leaves the period.
    await change({ family: 'gpt' });
    now += HOUR / 6;
    const dearer = await change({ price_per_hour: '12' });
    now += HOUR / 6;
    expect((await change({ price_per_hour: '6' })).price_revision).not.toBe(dearer.price_revision);
    now += HOUR / 6;
    // Twice in one moment.
    await change({ price: { input: '1', output: '1' } });
    await change({ price_per_hour: '6' });
    now += HOUR / 2;
    await change({ price_per_hour: null });
    now += 5 * HOUR;
    expect((await usage()).totals.capacity_cost_nanos).toBe(SIX + SIX / 6 + SIX / 3 + SIX / 6 + SIX / 2);
  });

  it('never counts a moment twice, though another replica’s clock runs behind', async () => {
    const { change, usage } = await newTenant();
    now += 2 * HOUR;
    await change({ price_per_hour: '12' });
    now -= HOUR;
    await change({ price_per_hour: '6' });
    now += 2 * HOUR;
    expect((await usage()).totals.capacity_cost_nanos).toBe(3 * SIX);
  });

  it('makes what is used cost nothing by itself, which is known', async () => {
    const { agent, deployment, key, held, provider, usage } = await newTenant();
    now = MIDNIGHT + 20 * HOUR;
    const ids = { key_id: key.id, provider_id: provider.id };
    const occurred_at = '2026-11-20T08:00:00.000Z';
    const attempts = [{ cost_nanos: 0, price_revision: held.price_revision }];
    const records = [
      sampleUsage({ ...ids, deployment_id: held.id }, { occurred_at, attempts }),
      sampleUsage({ ...ids, deployment_id: deployment.id }, { occurred_at }),
    ];
    await replica.post(agent, '/ingest', { stream: newId(), first_sequence: 0, records });
    const { data, totals } = await usage({ group_by: 'model' });
    expect(data).toMatchObject([
      { model: 'held', cost_nanos: 0, capacity_cost_nanos: 19.5 * SIX, unpriced_attempts: 0, attempts: 1 },
      { model: 'small', cost_nanos: 1_250, capacity_cost_nanos: 0 },
    ]);
    expect(totals).toMatchObject({ cost_nanos: 1_250, capacity_cost_nanos: 19.5 * SIX });
    // It belongs to no key.
    expect((await usage({ key_id: key.id })).totals).toMatchObject({
      cost_nanos: 1_250,
      capacity_cost_nanos: 0,
    });
  });

  it('is written instead of a price', async () => {
    const { change, held } = await newTenant();
    await expect(change({ price: { input: '1' }, price_per_hour: '6' })).rejects.toThrow('"price_per_hour"');
    await expect(
      change({ price_per_hour: '7', price_thresholds: [{ above_input_tokens: 1, price: {} }] }),
    ).rejects.toThrow('"price_thresholds" is written together with "price"');
    expect(await change({ price: null })).toMatchObject({ price_source: 'unknown', price_per_hour: null });
    expect((await change({ price_per_hour: '6' })).price_revision).toBe(held.price_revision);
  });
});
