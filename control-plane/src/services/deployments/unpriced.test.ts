import { newId, UNPRICED_REVISION } from '@bonito/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeOnEachDatabase } from '../../testing/each-database.ts';
import { configureSample } from '../../testing/sample-organization.ts';
import { sampleUsage } from '../../testing/sample-records.ts';
import { startTestReplica, type TestReplica } from '../../testing/test-replica.ts';
import { getUsage } from '../usage/get-usage.ts';
import { listLogs } from '../usage/list-logs.ts';
import { logsQuerySchema, usageQuerySchema } from '../usage/usage.schemas.ts';
import { createDeployment } from './create.ts';
import { createDeploymentSchema, updateDeploymentSchema } from './deployments.schemas.ts';
import { updateDeployment } from './update.ts';

const NOW = Date.parse('2026-11-21T10:00:00.000Z');

describeOnEachDatabase('a model whose price nobody knows', (suite) => {
  let replica: TestReplica;
  beforeAll(async () => {
    replica = await startTestReplica(suite.open, { now: () => NOW });
  });
  afterAll(() => replica.stop());

  async function newTenant() {
    const agent = await replica.newAgent();
    const context = replica.context(agent.organizationId);
    const { provider, deployment, key } = await configureSample(context);
    const unpriced = await createDeployment(
      context,
      createDeploymentSchema.parse({ name: 'own', provider_id: provider.id, upstream_model: 'own-1' }),
    );
    const deliver = async (records: object[]) => {
      const body = { stream: newId(), first_sequence: 0, records };
      expect((await replica.post(agent, '/ingest', body)).status).toBe(200);
    };
    return { context, provider, priced: deployment, unpriced, key, deliver };
  }

  it('is recorded with its cost unknown, never zero, and hides the known cost of nothing else', async () => {
    const { context, provider, priced, unpriced, key, deliver } = await newTenant();
    expect(unpriced).toMatchObject({ price_source: 'unknown', price: {}, price_revision: UNPRICED_REVISION });
    const ids = { key_id: key.id, provider_id: provider.id };
    const unknown = { price_revision: UNPRICED_REVISION, cost_nanos: 0 };
    await deliver([
      sampleUsage({ ...ids, deployment_id: priced.id }, { occurred_at: '2026-11-21T08:01:00.000Z' }),
      sampleUsage(
        { ...ids, deployment_id: unpriced.id },
        { occurred_at: '2026-11-21T08:02:00.000Z', attempts: [unknown] },
      ),
      // An attempt that used nothing costs nothing, whatever the price.
      sampleUsage(
        { ...ids, deployment_id: unpriced.id },
        { occurred_at: '2026-11-21T08:03:00.000Z', attempts: [{ ...unknown, tokens: {}, outcome: 'error' }] },
      ),
    ]);
    const { data, totals } = await getUsage(context, usageQuerySchema.parse({ group_by: 'model' }));
    expect(totals).toMatchObject({ cost_nanos: 1_250, unpriced_attempts: 1, attempts: 3 });
    expect(
      data.map(({ model, cost_nanos, unpriced_attempts }) => [model, cost_nanos, unpriced_attempts]),
    ).toEqual([
      ['own', null, 1],
      ['small', 1_250, 0],
    ]);
    const logs = await listLogs(context, logsQuerySchema.parse({}));
    expect(
      logs.data.map(({ cost_nanos, attempts_detail }) => [cost_nanos, attempts_detail[0]?.cost_nanos]),
    ).toEqual([
      [0, 0],
      [null, null],
      [1_250, 1_250],
    ]);
  });

  it('counts in totals that an agent summed up itself, too', async () => {
    const { context, provider, unpriced, key, deliver } = await newTenant();
    await deliver([
      {
        ...{
          kind: 'usage_rollup',
          id: newId(),
          hour: '2026-11-21T08:00:00.000Z',
          key_id: key.id,
          team_id: null,
        },
        ...{
          route_id: null,
          requested_id: unpriced.id,
          provider_id: provider.id,
          deployment_id: unpriced.id,
        },
        ...{ requests: 4, attempts: 5, errors: 1, cancelled: 0, unknown: 0, latency_ms: 10 },
        ...{ tokens: { input: 10 }, cost_nanos: 0 },
      },
    ]);
    const { totals } = await getUsage(context, usageQuerySchema.parse({}));
    expect(totals).toMatchObject({ cost_nanos: null, unpriced_attempts: 5 });
  });

  it('is told apart from what costs nothing where nobody counted, and what is no tokens is counted as what it is', async () => {
    const { context, provider, priced, key, deliver } = await newTenant();
    const ids = { key_id: key.id, provider_id: provider.id, deployment_id: priced.id };
    const unknown = { price_revision: UNPRICED_REVISION, cost_nanos: 0, quality: 'estimated' as const };
    const occurred_at = '2026-11-21T08:01:00.000Z';
    await deliver([
      sampleUsage(ids, {
        occurred_at,
        surface: 'rerank',
        attempts: [{ tokens: { searches: 2 }, cost_nanos: 4_000 }],
      }),
      sampleUsage(ids, {
        occurred_at,
        surface: 'openai-speech',
        attempts: [{ ...unknown, tokens: { characters: 5 } }],
      }),
      sampleUsage(ids, {
        occurred_at,
        surface: 'openai-transcriptions',
        attempts: [{ ...unknown, tokens: {} }],
      }),
      sampleUsage(ids, { occurred_at, attempts: [{ ...unknown, tokens: {}, outcome: 'error' }] }),
    ]);
    const { totals } = await getUsage(context, usageQuerySchema.parse({}));
    expect(totals).toMatchObject({
      units: { searches: 2, audio_seconds: 0, characters: 5, images: 0 },
      ...{ input_tokens: 0, output_tokens: 0, attempts: 4, unpriced_attempts: 2, cost_nanos: 4_000 },
    });
  });

  it('is counted in totals as the agent says, on a deployment with a price too', async () => {
    const { context, provider, priced, key, deliver } = await newTenant();
    const dimensions = { key_id: key.id, team_id: null, route_id: null, requested_id: priced.id };
    await deliver([
      {
        ...{ kind: 'usage_rollup', id: newId(), hour: '2026-11-21T08:00:00.000Z', ...dimensions },
        ...{ provider_id: provider.id, deployment_id: priced.id },
        ...{ requests: 4, attempts: 5, unpriced_attempts: 3, errors: 1, cancelled: 0, unknown: 0 },
        ...{ latency_ms: 10, tokens: { input: 10, images: 3 }, cost_nanos: 70 },
      },
    ]);
    const { totals } = await getUsage(context, usageQuerySchema.parse({}));
    expect(totals).toMatchObject({ cost_nanos: 70, unpriced_attempts: 3, units: { images: 3 } });
  });

  it('gets a price from whoever knows it, and follows the catalog to another model', async () => {
    const { context, unpriced } = await newTenant();
    const change = (body: object) =>
      updateDeployment(context, unpriced.id, updateDeploymentSchema.parse(body));
    const own = await change({
      price: { input: '1', output: '2' },
      price_thresholds: [{ above_input_tokens: 200_000, price: { input: '2', output: '4' } }],
    });
    expect(own).toMatchObject({
      price_source: 'own',
      price_thresholds: [{ above_input_tokens: 200_000, price: { input: '2', output: '4' } }],
    });
    // Its own price stays, whatever model it goes to.
    expect(await change({ upstream_model: 'own-2' })).toMatchObject({
      price: own.price,
      price_source: 'own',
    });
    expect(await change({ price: null })).toMatchObject({ price_source: 'unknown', price_thresholds: null });
    await expect(change({ price_thresholds: [{ above_input_tokens: 1, price: {} }] })).rejects.toThrow(
      '"price_thresholds" is written together with "price"',
    );
  });
});
