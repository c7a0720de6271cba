import { deploymentsSectionSchema, type Price } from '@bonito/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CATALOG_EDITION } from '../../catalog/catalog.ts';
import { type Database, tenantTransaction } from '../../db/transactions.ts';
import { storeDiscoveredModels } from '../../ledger/side-records.ts';
import { compileDeployments } from '../../snapshots/compile-sections.ts';
import { readDeployments } from '../../snapshots/read-section-rows.ts';
import { describeOnEachDatabase } from '../../testing/each-database.ts';
import { startTestReplica, type TestReplica } from '../../testing/test-replica.ts';
import { listAuditLog } from '../audit-log/list.ts';
import { deployModel } from '../discovery/deploy-model.ts';
import { deployModelSchema } from '../discovery/discovery.schemas.ts';
import { listDiscoveredModels } from '../discovery/list-discovered-models.ts';
import { createProvider } from '../providers/create.ts';
import { createProviderSchema } from '../providers/providers.schemas.ts';
import { updateProvider } from '../providers/update.ts';
import type { ServiceContext } from '../service-context.ts';
import { createDeployment } from './create.ts';
import { createDeploymentSchema, updateDeploymentSchema } from './deployments.schemas.ts';
import { followCatalog } from './follow-catalog.ts';
import { readDeployment } from './read.ts';
import { updateDeployment } from './update.ts';

const NOW = Date.parse('2026-11-21T10:00:00.000Z');

describeOnEachDatabase('prices that come from the catalog', (suite) => {
  let replica: TestReplica;
  beforeAll(async () => {
    replica = await startTestReplica(suite.open, { now: () => NOW });
  });
  afterAll(() => replica.stop());

  const newTenant = async () => replica.context((await replica.newAgent()).organizationId);
  const provider = (context: ServiceContext, more: object) =>
    createProvider(context, createProviderSchema.parse({ name: 'p', credential: { from: 'none' }, ...more }));
  const deployment = (context: ServiceContext, more: object) =>
    createDeployment(context, createDeploymentSchema.parse({ name: 'm', ...more }));
  const change = (context: ServiceContext, id: string, more: object) =>
    updateDeployment(context, id, updateDeploymentSchema.parse(more));
  /** What agents are told of the deployment `m`. */
  const published = async (context: ServiceContext): Promise<Price | undefined> => {
    const rows = await tenantTransaction(context.db, context.organizationId, (transaction) =>
      readDeployments(transaction, context.organizationId),
    );
    return deploymentsSectionSchema
      .parse(compileDeployments(rows))
      .deployments.find(({ name }) => name === 'm')?.price;
  };
  const audited = async (context: ServiceContext, action: string) =>
    (await listAuditLog(context, { limit: 50 })).data.filter((entry) => entry.action === action);

  it('reach the agent with their tiers, their geographies and a revision for each', async () => {
    const context = await newTenant();
    const { id } = await provider(context, { kind: 'anthropic' });
    const made = await deployment(context, { provider_id: id, upstream_model: 'claude-opus-4-6' });
    expect(made.price_variants).toMatchObject([
      { tier: 'batch', price: { input: '2.5' } },
      { geography: 'us', price: { input: '5.5' } },
      { tier: 'batch', geography: 'us', price: { input: '2.75' } },
    ]);
    const price = await published(context);
    expect(price?.variants?.map(({ revision }) => revision)).toEqual(
      made.price_variants?.map(({ price_revision }) => price_revision),
    );
    expect(new Set([price?.revision, ...(price?.variants?.map(({ revision }) => revision) ?? [])]).size).toBe(
      4,
    );
  });

  it('are looked up anew when the provider goes to another region or becomes another one, and that is audited', async () => {
    const context = await newTenant();
    const { id } = await provider(context, { kind: 'vertex', region: 'global', project: 'p' });
    const made = await deployment(context, { provider_id: id, upstream_model: 'claude-opus-4-6' });
    const own = await deployment(context, {
      ...{ name: 'own', provider_id: id, upstream_model: 'claude-opus-4-6' },
      price: { input: '1', output: '1' },
    });
    expect(made.price).toMatchObject({ input: '5' });

    await updateProvider(context, id, {
      region: 'europe-west1',
      base_url: 'https://europe-west1-aiplatform.googleapis.com',
    });
    const moved = await readDeployment(context, made.id);
    expect(moved.price).toMatchObject({ input: '5.5' });
    expect(moved.price_revision).not.toBe(made.price_revision);
    expect((await readDeployment(context, own.id)).price_revision).toBe(own.price_revision);
    expect((await published(context))?.revision).toBe(moved.price_revision);
    const [entry, ...more] = await audited(context, 'deployment.repriced');
    expect(more).toEqual([]);
    expect(entry).toMatchObject({
      object_id: made.id,
      before: { price_revision: made.price_revision },
      after: { price_revision: moved.price_revision },
    });

    await updateProvider(context, id, { kind: 'cohere' });
    expect(await readDeployment(context, made.id)).toMatchObject({ price_source: 'unknown', price: {} });
    // What does not touch the price changes nothing.
    await updateProvider(context, id, { name: 'renamed' });
    expect(await audited(context, 'deployment.repriced')).toHaveLength(2);
  });

  it('follow the catalog when a price’s day comes, once, however many replicas look', async () => {
    const context = await newTenant();
    const { id } = await provider(context, { kind: 'openai' });
    const made = await deployment(context, { provider_id: id, upstream_model: 'o3' });
    const spoil = (price_edition: string | null) =>
      tenantTransaction(context.db, context.organizationId, (transaction) =>
        transaction
          .updateTable('deployments')
          .set({ price_revision: 'before', price_per_million: '{"input":7}', price_edition })
          .where('org_id', '=', context.organizationId)
          .execute(),
      );
    await spoil(null);
    const counts = await Promise.all([followCatalog(context.db, NOW), followCatalog(context.db, NOW)]);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(1);
    expect(await readDeployment(context, made.id)).toMatchObject({
      price: made.price,
      price_revision: made.price_revision,
    });
    expect((await published(context))?.revision).toBe(made.price_revision);
    expect(await audited(context, 'deployment.repriced')).toMatchObject([{ actor: 'system:catalog' }]);
    expect(await followCatalog(context.db, NOW)).toBe(0);
    // A later release that runs beside this one knows better.
    await spoil(`${CATALOG_EDITION}-later`);
    expect(await followCatalog(context.db, NOW)).toBe(0);
    expect((await readDeployment(context, made.id)).price_revision).toBe('before');
  });

  it('follow it in all organizations but the one where something goes wrong', async () => {
    const broken = await newTenant();
    const context = await newTenant();
    const { id } = await provider(context, { kind: 'openai' });
    const made = await deployment(context, { provider_id: id, upstream_model: 'o3' });
    await tenantTransaction(context.db, context.organizationId, (transaction) =>
      transaction
        .updateTable('deployments')
        .set({ price_revision: 'before', price_edition: null })
        .where('org_id', '=', context.organizationId)
        .execute(),
    );
    const db: Database = {
      transaction: (role, organizationId, work, level) => {
        if (organizationId === broken.organizationId) throw new Error('broken');
        return context.db.transaction(role, organizationId, work, level);
      },
    };
    await expect(followCatalog(db, NOW)).rejects.toThrow(AggregateError);
    expect((await readDeployment(context, made.id)).price_revision).toBe(made.price_revision);
  });

  it('are found by the model’s id in the catalog where its name says nothing', async () => {
    const context = await newTenant();
    const openai = await provider(context, { kind: 'openai' });
    const named = await deployment(context, {
      provider_id: openai.id,
      catalog_id: 'openai/text-embedding-3-small',
    });
    expect(named).toMatchObject({
      upstream_model: 'text-embedding-3-small',
      capabilities: ['embeddings'],
      price_source: 'catalog',
      catalog_id: 'openai/text-embedding-3-small',
    });
    const azure = await provider(context, {
      ...{ name: 'azure', kind: 'azure-openai', base_url: 'https://mine.openai.azure.com' },
    });
    const inAzure = { name: 'az', provider_id: azure.id };
    const mine = await deployment(context, {
      ...inAzure,
      upstream_model: 'my-name',
      catalog_id: 'azure/o3-mini',
    });
    expect(mine).toMatchObject({ upstream_model: 'my-name', price_source: 'catalog' });
    const refused = (body: object, message: string) =>
      expect(async () => deployment(context, { ...inAzure, name: 'no', ...body })).rejects.toThrow(message);
    await refused({ catalog_id: 'azure/o3-mini' }, 'has names of its own');
    await refused({ upstream_model: 'x', catalog_id: 'openai/o3' }, 'sold by another kind');
    await refused({ upstream_model: 'x', catalog_id: 'openai/nothing' }, 'is not in the catalog');
    // Without the id the name has to say it again.
    expect(await change(context, mine.id, { catalog_id: null })).toMatchObject({ price_source: 'unknown' });
    expect(await change(context, mine.id, { catalog_id: 'azure/o3-mini' })).toMatchObject({
      price_revision: mine.price_revision,
    });
  });

  it('come with a discovered model in the one call that deploys it, and what it can be called for', async () => {
    const context = await newTenant();
    const { id } = await provider(context, { kind: 'openai' });
    const models = ['text-embedding-3-small', 'tts-1', 'never-heard-of'];
    await tenantTransaction(context.db, context.organizationId, (transaction) =>
      storeDiscoveredModels(transaction, context.organizationId, [
        {
          ...{ kind: 'models_discovered', id, occurred_at: '2026-11-21T09:00:00.000Z', provider_id: id },
          models,
        },
      ]),
    );
    const { data } = await listDiscoveredModels(context, id, { limit: 10 });
    expect(
      data.map(({ model, capabilities, priced, catalog_id }) => [model, capabilities, priced, catalog_id]),
    ).toEqual([
      ['never-heard-of', null, false, null],
      ['text-embedding-3-small', ['embeddings'], true, 'openai/text-embedding-3-small'],
      ['tts-1', ['speech'], true, 'openai/tts-1'],
    ]);
    const deploy = (model: string, body: object = {}) =>
      deployModel(context, { providerId: id, model }, deployModelSchema.parse(body));
    expect(await deploy('tts-1')).toMatchObject({ capabilities: ['speech'], price: { characters: '15' } });
    expect(await deploy('never-heard-of', { capabilities: ['chat'] })).toMatchObject({
      capabilities: ['chat'],
      price_source: 'unknown',
    });
  });

  it('may be one’s own by tier and place, which are written together with the price', async () => {
    const context = await newTenant();
    const { id } = await provider(context, { kind: 'openai' });
    const variants = [{ tier: 'flex', price: { input: '1', output: '2' } }];
    const body = { provider_id: id, upstream_model: 'x', price: { input: '2', output: '4' } };
    const made = await deployment(context, { ...body, price_variants: variants });
    expect(made).toMatchObject({ price_source: 'own', price_variants: variants });
    expect((await published(context))?.variants).toMatchObject([
      { tier: 'flex', per_million: { input: 1_000_000_000, output: 2_000_000_000 } },
    ]);
    const dearer = await change(context, made.id, {
      price: body.price,
      price_variants: [{ tier: 'flex', price: { input: '1', output: '3' } }],
    });
    expect(dearer.price_revision).not.toBe(made.price_revision);
    await expect(change(context, made.id, { price_variants: variants })).rejects.toThrow(
      '"price_variants" is written together with "price"',
    );
    for (const wrong of [[{ price: {} }], [variants[0], variants[0]], [{ tier: 'A B', price: {} }]]) {
      expect(createDeploymentSchema.safeParse({ name: 'y', ...body, price_variants: wrong }).success).toBe(
        false,
      );
    }
  });
});
