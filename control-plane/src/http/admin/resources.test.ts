import { sha256 } from '@bonito/protocol';
import { beforeAll, expect, it } from 'vitest';
import { describeOnEachDatabase } from '../../testing/each-database.ts';
import { createTestApp, type Tenant, type TestApp } from '../../testing/test-app.ts';

const PROVIDER = {
  name: 'OpenAI',
  kind: 'openai-compatible',
  base_url: 'https://api.openai.com/v1',
  credential: { from: 'environment', name: 'OPENAI_API_KEY' },
};

describeOnEachDatabase('resources of the admin API', (suite) => {
  let app: TestApp;
  let tenant: Tenant;
  let now = Date.parse('2026-11-21T08:00:00Z');
  beforeAll(async () => {
    app = createTestApp(suite.open.database, { now: () => now++ });
    tenant = await app.createTenant();
  });

  let names = 0;
  const fresh = (prefix: string) => `${prefix}-${names++}`;
  const create = async (path: string, body: object, status = 201) => {
    const answer = await tenant.call('POST', path, body);
    expect([answer.status, answer.body.detail]).toEqual([status, answer.body.detail]);
    return answer.body;
  };
  const createProvider = () => create('/api/providers', { ...PROVIDER, name: fresh('provider') });
  const createDeployment = async (name = fresh('model')) =>
    create('/api/deployments', { name, provider_id: (await createProvider()).id, upstream_model: 'gpt-4o' });

  it.each([
    [{ kind: 'openai' }, 'https://api.openai.com/v1'],
    [{ kind: 'openai-compatible', preset: 'groq' }, 'https://api.groq.com/openai/v1'],
    [{ kind: 'bedrock', region: 'eu-west-1' }, 'https://bedrock-runtime.eu-west-1.amazonaws.com'],
    [{ kind: 'bedrock' }, undefined],
    [{ kind: 'azure-openai' }, undefined],
    [{ kind: 'openai-compatible', preset: 'vllm' }, undefined],
  ])('needs a base URL only where nothing else says it: %j', async (fields, url) => {
    const { base_url: _, ...body } = { ...PROVIDER, ...fields, name: fresh('provider') };
    const answer = await tenant.call('POST', '/api/providers', body);
    if (url) expect([answer.status, answer.body.base_url]).toEqual([201, url]);
    else expect([answer.status, answer.body.errors]).toMatchObject([422, [{ path: 'base_url' }]]);
  });

  it('lists the catalog by pages, for one kind of provider', async () => {
    const first = (await tenant.call('GET', '/api/catalog/models?kind=anthropic&limit=2')).body;
    expect(first.data).toHaveLength(2);
    const rest = (
      await tenant.call('GET', `/api/catalog/models?kind=anthropic&limit=200&cursor=${first.next_cursor}`)
    ).body;
    const all = [...first.data, ...rest.data];
    expect(rest.next_cursor).toBeNull();
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    expect(all.every(({ kinds, sources }) => kinds.includes('anthropic') && sources.length > 0)).toBe(true);
    expect(all.find(({ model }) => model === 'claude-haiku-4-5')).toMatchObject({
      prices: [{ from: null, price: { input: '1', cache_write_1h: '2', output: '5' } }],
    });
    expect((await tenant.call('GET', '/api/catalog/models?cursor=%21')).status).toBe(422);
    expect((await tenant.call('GET', '/api/catalog/models?kind=other')).status).toBe(422);
  });

  it('lists what models can be called for, and what their tiers and places cost, with where it says so', async () => {
    const search = '/api/catalog/models?kind=anthropic&capability=chat&limit=200';
    const { data } = (await tenant.call('GET', search)).body;
    const opus = data.find(({ model }: { model: string }) => model === 'claude-opus-4-6');
    expect(opus).toMatchObject({
      capabilities: { names: ['chat'], source: expect.stringMatching(/^https:/) },
      service_tiers: [
        { tier: 'batch', times: 0.5, price: null, sources: [expect.stringMatching(/^https:/)] },
      ],
      uplifts: [{ when: 'geography', geography: 'us', times: 1.1 }],
    });
    expect(
      (await tenant.call('GET', '/api/catalog/models?kind=anthropic&capability=speech')).body.data,
    ).toEqual([]);
    expect((await tenant.call('GET', '/api/catalog/models?capability=dancing')).status).toBe(422);
  });

  it('makes a deployment by a model’s id in the catalog, and one that is paid by the hour', async () => {
    const provider = await create('/api/providers', { ...PROVIDER, name: fresh('provider'), kind: 'openai' });
    const made = await create('/api/deployments', {
      ...{ name: fresh('model'), provider_id: provider.id, catalog_id: 'openai/gpt-5.4' },
    });
    expect(made).toMatchObject({
      ...{ upstream_model: 'gpt-5.4', capabilities: ['chat'], price_source: 'catalog', price_per_hour: null },
      price_variants: [{ tier: 'batch' }, { tier: 'flex', price: { input: '1.25' } }, { tier: 'priority' }],
    });
    const held = await create('/api/deployments', {
      ...{ name: fresh('model'), provider_id: provider.id, upstream_model: 'mine', price_per_hour: '39.60' },
    });
    expect(held).toMatchObject({ price_source: 'own', price_per_hour: '39.6', catalog_id: null });
    const body = { name: fresh('model'), provider_id: provider.id };
    for (const [wrong, path] of [
      [{}, 'upstream_model'],
      [{ catalog_id: 'openai/none' }, 'catalog_id'],
      [{ upstream_model: 'x', price: { input: '1' }, price_per_hour: '1' }, 'price_per_hour'],
      [{ upstream_model: 'x', price_per_hour: '-1' }, 'price_per_hour'],
      [{ upstream_model: 'x', price: { input: '1' }, price_variants: [{ price: {} }] }, 'price_variants[0]'],
    ] as const) {
      const answer = await tenant.call('POST', '/api/deployments', { ...body, ...wrong });
      expect([answer.status, answer.body.errors[0].path]).toEqual([422, path]);
    }
  });

  it('creates, lists, reads, changes and deletes a provider', async () => {
    const made = await create('/api/providers', {
      ...PROVIDER,
      region: 'eu',
      proxy: 'direct',
      retries: 2,
      time_limits: { connect_ms: 100 },
    });
    expect(made).toMatchObject({
      ...PROVIDER,
      region: 'eu',
      proxy: 'direct',
      stream_options: null,
      ca: null,
    });
    expect((await tenant.call('GET', `/api/providers/${made.id}`)).body).toEqual(made);
    expect((await tenant.call('GET', '/api/providers')).body.data).toContainEqual(made);

    app.takePublished();
    const changed = await tenant.call('PATCH', `/api/providers/${made.id}`, { region: null, name: 'Other' });
    expect(changed.body).toMatchObject({
      name: 'Other',
      region: null,
      time_limits: { connect_ms: 100 },
      retries: 2,
    });
    expect(changed.body.updated_at > made.updated_at).toBe(true);
    expect((await tenant.call('DELETE', `/api/providers/${made.id}`)).status).toBe(204);
    expect((await tenant.call('GET', `/api/providers/${made.id}`)).status).toBe(404);
    expect((await tenant.call('DELETE', `/api/providers/${made.id}`)).status).toBe(404);
    const published = app.takePublished();
    expect(published).toEqual([
      { organizationId: tenant.id, dirty: ['providers'] },
      { organizationId: tenant.id, dirty: ['providers'] },
    ]);
    expect(app.announced).toContain(tenant.id);
    await create('/api/providers', { ...PROVIDER, name: 'Other' });
  });

  it.each([
    ['a credential in the address', { base_url: 'https://user:secret@api.example.com/v1' }],
    ['another scheme', { base_url: 'ftp://api.example.com' }],
    ['no address', { base_url: 'api.example.com' }],
    ['a query in the address', { base_url: 'https://api.example.com/v1?key=secret' }],
    ['a password in the proxy', { proxy: 'http://user:secret@proxy:3128' }],
    ['a secret given in place of its name', { credential: { from: 'value', value: 'sk-secret' } }],
    ['a secret beside its name', { credential: { from: 'none', value: 'sk-secret' } }],
    ['a kind that no agent knows', { kind: 'other' }],
    [
      'a private key among the certificates',
      { ca: '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----' },
    ],
    ['a certificate that is none', { ca: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----' }],
    ['an unknown time limit', { time_limits: { connect: 5 } }],
    ['an unknown field', { apiKey: 'sk-secret' }],
    ['a control character in the name', { name: 'a\u0007b' }],
  ])('refuses a provider with %s, and does not repeat it', async (_, fields) => {
    const answer = await tenant.call('POST', '/api/providers', {
      ...PROVIDER,
      name: fresh('bad'),
      ...fields,
    });
    expect(answer.status).toBe(422);
    expect(answer.body.errors.length).toBeGreaterThan(0);
    expect(JSON.stringify(answer.body)).not.toContain('secret');
  });

  it('stores prices exactly, and gives each set of figures its revision', async () => {
    const { id, price_revision: free } = await createDeployment();
    const path = `/api/deployments/${id}`;
    const price = { input: '2.50', output: '10', cache_read: '0.000000001' };
    const priced = (await tenant.call('PATCH', path, { price })).body;
    expect(priced.price).toEqual({ input: '2.5', output: '10', cache_read: '0.000000001' });
    const dearer = (await tenant.call('PATCH', path, { price: { ...price, input: '2.51' } })).body;
    const again = (await tenant.call('PATCH', path, { price })).body;
    expect(new Set([free, priced.price_revision, dearer.price_revision]).size).toBe(3);
    expect(again.price_revision).toBe(priced.price_revision);
    for (const wrong of ['-1', '1e3', '2,50', '0.0000000001', 2.5, '1000000.1', '']) {
      const answer = await tenant.call('PATCH', path, { price: { input: wrong } });
      expect([wrong, answer.status]).toEqual([wrong, 422]);
    }
  });

  it('lets no two of deployments and routes share a name', async () => {
    const deployment = await createDeployment('shared-name');
    const other = await createDeployment();
    const asRoute = await tenant.call('POST', '/api/routes', {
      name: 'shared-name',
      targets: [deployment.id],
    });
    expect(asRoute.body).toMatchObject({ status: 409, code: 'name_taken' });
    const renamed = await tenant.call('PATCH', `/api/deployments/${other.id}`, { name: 'shared-name' });
    expect(renamed.body).toMatchObject({ status: 409, code: 'name_taken' });
    await tenant.call('PATCH', `/api/deployments/${deployment.id}`, { name: 'moved-name' });
    await create('/api/routes', { name: 'shared-name', targets: [deployment.id] });
    const back = await tenant.call('PATCH', `/api/deployments/${deployment.id}`, { name: 'shared-name' });
    expect(back.status).toBe(409);
  });

  it('refuses to delete what is in use, and says by what', async () => {
    const deployment = await createDeployment('used-model');
    const route = await create('/api/routes', { name: 'used-route', targets: [deployment.id] });
    const key = await create('/api/gateway/keys', { name: 'used-key', route_id: route.id });
    const refused = async (path: string, user: string) => {
      const answer = await tenant.call('DELETE', path);
      expect(answer.body).toMatchObject({ status: 409, code: 'in_use' });
      expect(answer.body.detail).toContain(user);
    };
    await refused(`/api/providers/${deployment.provider_id}`, '"used-model"');
    await refused(`/api/deployments/${deployment.id}`, '"used-route"');
    await refused(`/api/routes/${route.id}`, '"used-key"');
    for (const path of [
      `/api/gateway/keys/${key.id}`,
      `/api/routes/${route.id}`,
      `/api/deployments/${deployment.id}`,
      `/api/providers/${deployment.provider_id}`,
    ]) {
      expect((await tenant.call('DELETE', path)).status).toBe(204);
    }
  });

  it('keeps the order of a route’s targets', async () => {
    const ids = [(await createDeployment()).id, (await createDeployment()).id, (await createDeployment()).id];
    const route = await create('/api/routes', { name: fresh('route'), targets: ids });
    expect(route).toMatchObject({ strategy: 'failover', targets: ids });
    const turned = (await tenant.call('PATCH', `/api/routes/${route.id}`, { targets: ids.toReversed() }))
      .body;
    expect(turned.targets).toEqual(ids.toReversed());
    expect((await tenant.call('GET', `/api/routes/${route.id}`)).body).toEqual(turned);
    for (const targets of [[], [ids[0], ids[0]], ['00000000-0000-4000-8000-000000000000'], ['x']]) {
      expect((await tenant.call('PATCH', `/api/routes/${route.id}`, { targets })).status).toBe(422);
    }
  });

  it('keeps what a route does with state of other issuers', async () => {
    const targets = [(await createDeployment()).id];
    const route = await create('/api/routes', { name: fresh('route'), targets });
    expect(route.foreign_state).toBe('shed');
    const path = `/api/routes/${route.id}`;
    expect((await tenant.call('PATCH', path, { foreign_state: 'keep' })).status).toBe(422);
    await tenant.call('PATCH', path, { foreign_state: 'error' });
    expect((await tenant.call('GET', path)).body).toMatchObject({ foreign_state: 'error', strict: false });
  });

  it('shows a key once, and publishes its hash', async () => {
    app.takePublished();
    const made = await create('/api/gateway/keys', {
      name: fresh('key'),
      models: ['gpt-4o'],
      tags: { team: 'blue' },
      expires_at: '2027-01-01T01:00:00+01:00',
    });
    expect(made.key).toMatch(/^bn-[A-Za-z0-9_-]{43}$/);
    expect(made).toMatchObject({
      models: ['gpt-4o'],
      expires_at: '2027-01-01T00:00:00.000Z',
      route_id: null,
    });
    expect(app.takePublished()).toEqual([
      { organizationId: tenant.id, dirty: [{ keyHashes: [sha256(made.key)] }] },
    ]);
    const read = await tenant.call('GET', `/api/gateway/keys/${made.id}`);
    expect(JSON.stringify(read.body)).not.toContain(made.key);
    expect(read.body.secrets).toEqual([
      { hint: `bn-***${made.key.slice(-4)}`, created_at: expect.any(String), expires_at: null },
    ]);
    const changed = await tenant.call('PATCH', `/api/gateway/keys/${made.id}`, {
      models: null,
      expires_at: null,
    });
    expect(changed.body).toMatchObject({ models: null, expires_at: null, tags: { team: 'blue' } });
  });

  it('rotates a key: two live secrets at most, the older one with an end', async () => {
    const { id, key: first } = await create('/api/gateway/keys', { name: fresh('key') });
    const second = (await tenant.call('POST', `/api/gateway/keys/${id}/rotate`, { grace_seconds: 60 })).body;
    expect(second.secrets).toHaveLength(2);
    expect(second.secrets[0]).toMatchObject({ hint: `bn-***${second.key.slice(-4)}`, expires_at: null });
    expect(second.secrets[1]).toMatchObject({
      hint: `bn-***${first.slice(-4)}`,
      expires_at: expect.any(String),
    });
    const third = (await tenant.call('POST', `/api/gateway/keys/${id}/rotate`)).body;
    expect(third.secrets.map((secret: { hint: string }) => secret.hint)).toEqual([
      `bn-***${third.key.slice(-4)}`,
      `bn-***${second.key.slice(-4)}`,
    ]);
    app.takePublished();
    const revoked = await tenant.call('POST', `/api/gateway/keys/${id}/revoke-previous`);
    expect(revoked.body.secrets).toHaveLength(1);
    expect(app.takePublished()[0]?.dirty).toEqual([{ keyHashes: [sha256(second.key)] }]);
    const atOnce = (await tenant.call('POST', `/api/gateway/keys/${id}/rotate`, { grace_seconds: 0 })).body;
    expect(atOnce.secrets).toHaveLength(1);
    expect(atOnce.id).toBe(id);
  });

  it('binds an rt- key to its route for good', async () => {
    const route = await create('/api/routes', {
      name: fresh('route'),
      targets: [(await createDeployment()).id],
    });
    const made = await create('/api/gateway/keys', { name: fresh('key'), route_id: route.id });
    expect(made.key).toMatch(/^rt-/);
    const rotated = await tenant.call('POST', `/api/gateway/keys/${made.id}/rotate`);
    expect(rotated.body.key).toMatch(/^rt-/);
    expect((await tenant.call('PATCH', `/api/gateway/keys/${made.id}`, { route_id: null })).status).toBe(422);
  });

  it('makes, rotates and revokes agent tokens', async () => {
    const path = `/api/orgs/${tenant.id}/tokens`;
    const made = await create(path, { name: 'cluster a' });
    expect(made).toMatchObject({ generation: 1, has_previous: false });
    expect(made.token).toMatch(/^bt-/);
    const rotated = (await tenant.call('POST', `${path}/${made.id}/rotate`)).body;
    expect(rotated).toMatchObject({ generation: 2, has_previous: true });
    expect(rotated.token).not.toBe(made.token);
    const ended = (await tenant.call('POST', `${path}/${made.id}/revoke-previous`)).body;
    expect(ended).toMatchObject({ generation: 2, has_previous: false });
    expect((await tenant.call('PATCH', `${path}/${made.id}`, { name: 'b' })).body.name).toBe('b');
    const list = await tenant.call('GET', path);
    expect(list.body.data).toHaveLength(1);
    expect(JSON.stringify(list.body)).not.toContain(rotated.token);
    expect((await tenant.call('DELETE', `${path}/${made.id}`)).status).toBe(204);
    expect((await tenant.call('GET', `${path}/${made.id}`)).status).toBe(404);
  });

  it('writes every change into the audit log, who, what, before and after, and no secret', async () => {
    const made = await create('/api/gateway/keys', { name: 'audited' });
    await tenant.call('PATCH', `/api/gateway/keys/${made.id}`, { name: 'audited too' });
    const log = (await tenant.call('GET', '/api/audit-log?limit=2')).body;
    expect(log.data).toMatchObject([
      { action: 'key.updated', before: { name: 'audited' }, after: { name: 'audited too' } },
      { action: 'key.created', before: null, object_id: made.id, object_type: 'key' },
    ]);
    expect(log.data[0].actor).toMatch(/^admin_token:[0-9a-f-]{36}$/);
    const whole = JSON.stringify((await tenant.call('GET', '/api/audit-log?limit=200')).body);
    expect(whole).not.toContain(made.key);
    expect(whole).not.toContain(sha256(made.key));
  });

  it('pages through a list, each item once, with a cursor that nobody can guess at', async () => {
    const other = await app.createTenant();
    const ids: string[] = [];
    for (let index = 0; index < 5; index++) {
      ids.push((await other.call('POST', '/api/gateway/keys', { name: `key ${index}` })).body.id);
    }
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const query: string = cursor ? `?limit=2&cursor=${cursor}` : '?limit=2';
      const page = (await other.call('GET', `/api/gateway/keys${query}`)).body;
      seen.push(...page.data.map((key: { id: string }) => key.id));
      cursor = page.next_cursor;
    } while (cursor);
    expect(seen).toEqual(ids);
    for (const query of ['limit=0', 'limit=201', 'limit=x', 'cursor=x', 'unknown=1', 'limit=1&limit=2']) {
      expect([query, (await other.call('GET', `/api/gateway/keys?${query}`)).status]).toEqual([query, 422]);
    }
  });

  it('manages organizations with a platform token, whose first one becomes its own', async () => {
    const token = await app.createPlatformToken();
    const call = (method: string, path: string, body?: unknown, organization?: string) =>
      app.call(method, path, {
        token,
        body,
        headers: organization ? { 'Bonito-Organization': organization } : {},
      });
    expect((await call('GET', '/api/providers')).body).toMatchObject({
      status: 400,
      code: 'organization_required',
    });
    const first = (await call('POST', '/api/orgs', { name: 'Ünï & Co', metadata: { plan: 'x' } })).body;
    const second = (await call('POST', '/api/orgs', { name: 'Two', slug: `two-${first.id.slice(-6)}` })).body;
    expect(first.slug).toMatch(/^u-?ni-?-co-[0-9a-f]{8}$/);
    await call('POST', '/api/providers', { ...PROVIDER });
    await call('POST', '/api/providers', { ...PROVIDER, name: 'There' }, second.id);
    expect((await call('GET', '/api/providers')).body.data).toHaveLength(1);
    expect((await call('GET', '/api/providers', undefined, second.id)).body.data[0].name).toBe('There');
    expect((await call('GET', '/api/providers', undefined, 'nonsense')).status).toBe(404);
    const taken = await call('POST', '/api/orgs', { name: 'Again', slug: second.slug });
    expect(taken.body).toMatchObject({ status: 409, code: 'name_taken' });
    const changed = await call('PATCH', `/api/orgs/${second.id}`, { max_offline_seconds: 60 });
    expect(changed.body.max_offline_seconds).toBe(60);

    const refused = await call('DELETE', `/api/orgs/${second.id}`);
    expect(refused.body).toMatchObject({ status: 409, code: 'in_use' });
    expect(refused.body.detail).toContain('1 providers');
    const [provider] = (await call('GET', '/api/providers', undefined, second.id)).body.data;
    const admin = (await call('POST', `/api/orgs/${second.id}/admin-tokens`, { name: 'a' })).body;
    await call('DELETE', `/api/providers/${provider.id}`, undefined, second.id);
    expect((await call('DELETE', `/api/orgs/${second.id}`)).status).toBe(204);
    expect((await call('GET', `/api/orgs/${second.id}`)).status).toBe(404);
    expect((await app.call('GET', '/api/providers', { token: admin.token })).status).toBe(401);
  });

  it('refuses organizations’ own tokens what is for the platform', async () => {
    expect((await tenant.call('POST', '/api/orgs', { name: 'x' })).body).toMatchObject({ status: 403 });
    expect((await tenant.call('DELETE', `/api/orgs/${tenant.id}`)).status).toBe(403);
    const list = await tenant.call('GET', '/api/orgs');
    expect(list.body.data.map((organization: { id: string }) => organization.id)).toEqual([tenant.id]);
  });

  it('stops believing an administrator token when it is revoked', async () => {
    const path = `/api/orgs/${tenant.id}/admin-tokens`;
    const made = await create(path, { name: 'short-lived' });
    expect((await app.call('GET', '/api/providers', { token: made.token })).status).toBe(200);
    expect((await tenant.call('DELETE', `${path}/${made.id}`)).status).toBe(204);
    expect((await app.call('GET', '/api/providers', { token: made.token })).status).toBe(401);
  });

  it('meets nothing unexpected in all of this', () => expect(app.unexpected).toEqual([]));
});
