import { expect, it } from 'vitest';
import { tenantTransaction } from '../db/transactions.ts';
import { changed } from '../snapshots/publish-change.ts';
import { describeOnEachDatabase } from '../testing/each-database.ts';
import { createTestApp } from '../testing/test-app.ts';

const PROVIDER = {
  kind: 'openai-compatible',
  base_url: 'https://a.example/v1',
  credential: { from: 'none' },
};

describeOnEachDatabase('writers at once', (suite) => {
  it('lose no change, and publish each one', async () => {
    const app = createTestApp(suite.open.database, { publisher: { changed, announce: () => {} } });
    const tenant = await app.createTenant();
    const revision = () =>
      tenantTransaction(suite.open.database, tenant.id, (transaction) =>
        transaction.selectFrom('org_revisions').select('revision').executeTakeFirstOrThrow(),
      );
    const before = await revision();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        tenant.call('POST', index % 2 ? '/api/providers' : '/api/gateway/keys', {
          name: `thing ${index}`,
          ...(index % 2 && PROVIDER),
        }),
      ),
    );
    expect(answers.map((answer) => answer.status)).toEqual(Array(20).fill(201));
    expect((await revision()).revision).toBe(before.revision + 20);
    expect((await tenant.call('GET', '/api/providers')).body.data).toHaveLength(10);
    expect(app.unexpected).toEqual([]);
  });

  it('cannot delete a provider while another makes use of it', async () => {
    const app = createTestApp(suite.open.database);
    const tenant = await app.createTenant();
    for (let round = 0; round < 10; round++) {
      const provider = (await tenant.call('POST', '/api/providers', { ...PROVIDER, name: `p${round}` })).body;
      const [made, deleted] = await Promise.all([
        tenant.call('POST', '/api/deployments', {
          name: `m${round}`,
          provider_id: provider.id,
          upstream_model: 'm',
        }),
        tenant.call('DELETE', `/api/providers/${provider.id}`),
      ]);
      expect([
        [201, 409],
        [422, 204],
      ]).toContainEqual([made.status, deleted.status]);
    }
    expect(app.unexpected).toEqual([]);
  });

  it('cannot both take one name', async () => {
    const app = createTestApp(suite.open.database);
    const tenant = await app.createTenant();
    const provider = (await tenant.call('POST', '/api/providers', { ...PROVIDER, name: 'p' })).body;
    const body = { name: 'same', provider_id: provider.id, upstream_model: 'm' };
    const answers = await Promise.all([1, 2, 3].map(() => tenant.call('POST', '/api/deployments', body)));
    expect(answers.map((answer) => answer.status).sort()).toEqual([201, 409, 409]);
  });
});
