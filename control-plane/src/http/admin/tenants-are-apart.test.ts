import { newId } from '@bonito/protocol';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { tenantTransaction } from '../../db/transactions.ts';
import { storeDiscoveredModels } from '../../ledger/side-records.ts';
import { describeOnEachDatabase } from '../../testing/each-database.ts';
import { sampleUsage } from '../../testing/sample-records.ts';
import { createTestApp, type Tenant, type TestApp } from '../../testing/test-app.ts';
import { startTestReplica, type TestReplica } from '../../testing/test-replica.ts';
import { agentRoutes } from '../agent/agent-routes.ts';

/** One thing of every kind that an address may name. */
interface Belongings {
  organization: string;
  provider: string;
  deployment: string;
  route: string;
  key: string;
  agentToken: string;
  adminToken: string;
  instance: string;
  command: string;
  /** What the provider calls a model that an agent found there. */
  model: string;
}

const PROVIDER = {
  kind: 'openai-compatible',
  base_url: 'https://api.example.com/v1',
  credential: { from: 'none' },
};

/** Makes one thing of every kind. */
async function furnish(
  app: TestApp,
  tenant: Tenant,
  insertAgent: (organizationId: string) => Promise<string>,
  insertModel: (organizationId: string, providerId: string) => Promise<string>,
) {
  const id = async (path: string, body: object): Promise<string> => {
    const answer = await tenant.call('POST', path, body);
    expect([path, answer.status]).toEqual([path, 201]);
    return answer.body.id;
  };
  const organization = tenant.id;
  const provider = await id('/api/providers', { ...PROVIDER, name: 'mine' });
  const deployment = await id('/api/deployments', {
    name: 'mine',
    provider_id: provider,
    upstream_model: 'm',
  });
  const route = await id('/api/routes', { name: 'my-route', targets: [deployment] });
  const key = await id('/api/gateway/keys', { name: 'mine', route_id: route });
  const agentToken = await id(`/api/orgs/${organization}/tokens`, { name: 'mine' });
  const adminToken = await id(`/api/orgs/${organization}/admin-tokens`, { name: 'mine' });
  const instance = await insertAgent(organization);
  const command = await id(`/api/orgs/${organization}/agents/${instance}/commands`, COMMAND);
  const model = await insertModel(organization, provider);
  app.takePublished();
  return { organization, provider, deployment, route, key, agentToken, adminToken, instance, command, model };
}

/** What a heartbeat of an idle agent says. */
const SPOOL = JSON.stringify({ bytes: 0, records: 0, oldest_at: null, collapsed: 0 });
const REQUESTS = JSON.stringify({ total: 0, errors: 0, in_flight: 0 });

const COMMAND = { type: 'report_all' };

type Case = {
  /** Fills the address; `{id}` and so on, in order. */
  ids?: (keyof Belongings)[];
  /** A body that is valid, with every reference from `other`. */
  body?: (other: Belongings) => object;
};

/** Every operation of the document. One that is missing here fails the test. */
const CASES: Record<string, Case> = {
  'post /api/orgs': { body: () => ({ name: 'x' }) },
  'get /api/orgs': {},
  'get /api/orgs/{id}': { ids: ['organization'] },
  'patch /api/orgs/{id}': { ids: ['organization'], body: () => ({ name: 'taken over' }) },
  'delete /api/orgs/{id}': { ids: ['organization'] },
  'post /api/providers': { body: () => ({ ...PROVIDER, name: 'x' }) },
  'get /api/providers': {},
  'get /api/providers/{id}': { ids: ['provider'] },
  'patch /api/providers/{id}': { ids: ['provider'], body: () => ({ name: 'taken over' }) },
  'delete /api/providers/{id}': { ids: ['provider'] },
  'post /api/providers/{id}/validate': { ids: ['provider'], body: () => ({ wait_seconds: 0 }) },
  'post /api/providers/{id}/discover': { ids: ['provider'], body: () => ({ wait_seconds: 0 }) },
  'get /api/providers/{id}/models': { ids: ['provider'] },
  'post /api/providers/{id}/models/{model}/deployment': { ids: ['provider', 'model'], body: () => ({}) },
  'get /api/catalog/models': {},
  'post /api/deployments': {
    body: (other) => ({ name: 'x', provider_id: other.provider, upstream_model: 'm' }),
  },
  'get /api/deployments': {},
  'get /api/deployments/{id}': { ids: ['deployment'] },
  'patch /api/deployments/{id}': { ids: ['deployment'], body: (other) => ({ provider_id: other.provider }) },
  'delete /api/deployments/{id}': { ids: ['deployment'] },
  'post /api/routes': { body: (other) => ({ name: 'y', targets: [other.deployment] }) },
  'get /api/routes': {},
  'get /api/routes/{id}': { ids: ['route'] },
  'patch /api/routes/{id}': { ids: ['route'], body: (other) => ({ targets: [other.deployment] }) },
  'delete /api/routes/{id}': { ids: ['route'] },
  'post /api/gateway/keys': { body: (other) => ({ name: 'x', route_id: other.route }) },
  'get /api/gateway/keys': {},
  'get /api/gateway/keys/{id}': { ids: ['key'] },
  'patch /api/gateway/keys/{id}': { ids: ['key'], body: () => ({ models: null }) },
  'delete /api/gateway/keys/{id}': { ids: ['key'] },
  'post /api/gateway/keys/{id}/rotate': { ids: ['key'], body: () => ({ grace_seconds: 0 }) },
  'post /api/gateway/keys/{id}/revoke-previous': { ids: ['key'] },
  'post /api/orgs/{id}/tokens': { ids: ['organization'], body: () => ({ name: 'x' }) },
  'get /api/orgs/{id}/tokens': { ids: ['organization'] },
  'get /api/orgs/{id}/tokens/{token_id}': { ids: ['organization', 'agentToken'] },
  'patch /api/orgs/{id}/tokens/{token_id}': {
    ids: ['organization', 'agentToken'],
    body: () => ({ name: 'x' }),
  },
  'delete /api/orgs/{id}/tokens/{token_id}': { ids: ['organization', 'agentToken'] },
  'post /api/orgs/{id}/tokens/{token_id}/rotate': { ids: ['organization', 'agentToken'] },
  'post /api/orgs/{id}/tokens/{token_id}/revoke-previous': { ids: ['organization', 'agentToken'] },
  'post /api/orgs/{id}/admin-tokens': { ids: ['organization'], body: () => ({ name: 'x' }) },
  'get /api/orgs/{id}/admin-tokens': { ids: ['organization'] },
  'get /api/orgs/{id}/admin-tokens/{token_id}': { ids: ['organization', 'adminToken'] },
  'patch /api/orgs/{id}/admin-tokens/{token_id}': {
    ids: ['organization', 'adminToken'],
    body: () => ({ name: 'x' }),
  },
  'delete /api/orgs/{id}/admin-tokens/{token_id}': { ids: ['organization', 'adminToken'] },
  'get /api/audit-log': {},
  'get /api/orgs/{id}/agents': { ids: ['organization'] },
  'post /api/orgs/{id}/agents/{instance}/commands': {
    ids: ['organization', 'instance'],
    body: () => COMMAND,
  },
  'get /api/orgs/{id}/agents/{instance}/commands/{command}': { ids: ['organization', 'instance', 'command'] },
  'get /api/gateway/usage': {},
  'get /api/gateway/logs': {},
};

/** Every endpoint of the protocol: what an agent that asks for another tenant's things is answered. */
const AGENT_CASES: Record<string, { status: number; body?: (other: Belongings) => object }> = {
  'get /api/agent/config': { status: 200 },
  'get /api/agent/config/sections/{digest}': { status: 404 },
  'get /api/agent/keys': { status: 200 },
  'post /api/agent/ingest': {
    status: 200,
    body: (other) => ({
      stream: newId(),
      first_sequence: 0,
      records: [
        sampleUsage({ key_id: other.key, provider_id: other.provider, deployment_id: other.deployment }),
        {
          ...{ kind: 'models_discovered', id: newId(), occurred_at: '2026-11-21T08:00:00.000Z' },
          ...{ provider_id: other.provider, models: ['planted'] },
        },
      ],
    }),
  },
  'post /api/agent/heartbeat': {
    status: 200,
    body: (other) => ({
      ...{ agent_version: '0.1.0', started_at: '2026-11-21T08:00:00.000Z', protocol: 1 },
      ...{ applied: null, rejected: null, spool: JSON.parse(SPOOL), requests: JSON.parse(REQUESTS) },
      providers: [{ provider_id: other.provider, attempts: 1, errors: 1 }],
      answers: [{ id: other.command, result: 'done' }],
    }),
  },
  'post /api/agent/leases': {
    status: 404,
    body: () => ({ actions: [{ type: 'renew', lease_id: newId(), wanted_nanos: 1 }] }),
  },
};

const fill = (path: string, ids: readonly string[]) => {
  let next = 0;
  return path.replaceAll(/\{\w+\}/g, () => ids[next++] ?? '');
};

describeOnEachDatabase('tenants are apart', (suite) => {
  let app: TestApp;
  let mine: Tenant;
  let theirs: Tenant;
  let myThings: Belongings;
  let theirThings: Belongings;
  let replica: TestReplica;
  /** By name, method and address. */
  let operations: [string, string, string][];
  let agentOperations: [string, string, string][];

  const insertAgent = async (organizationId: string) => {
    const instance = newId();
    await tenantTransaction(suite.open.database, organizationId, async (transaction) => {
      const token = await transaction.selectFrom('agent_tokens').select('id').executeTakeFirstOrThrow();
      await sql`
        insert into agents (
          org_id, instance, token_id, token_generation, version, protocol,
          started_at, first_seen_at, last_seen_at, spool, requests, providers
        )
        values (
          ${organizationId}, ${instance}, ${token.id}, 1, '1', 1, now(), now(), now(), ${SPOOL}::jsonb, ${REQUESTS}::jsonb, '[]'
        )
      `.execute(transaction);
    });
    return instance;
  };

  const insertModel = async (organizationId: string, providerId: string) => {
    const model = newId();
    await tenantTransaction(suite.open.database, organizationId, (transaction) =>
      storeDiscoveredModels(transaction, organizationId, [
        {
          ...{ kind: 'models_discovered', id: newId(), occurred_at: '2026-11-20T08:00:00.000Z' },
          ...{ provider_id: providerId, models: [model] },
        },
      ]),
    );
    return model;
  };

  /** Everything that an organization's own token sees. */
  const look = async (tenant: Tenant) => {
    const seen: Record<string, unknown> = {};
    for (const path of ['providers', 'deployments', 'routes', 'gateway/keys', 'gateway/logs', 'audit-log']) {
      seen[path] = (await tenant.call('GET', `/api/${path}?limit=200`)).body;
    }
    for (const path of ['', '/tokens', '/admin-tokens', '/agents']) {
      seen[path] = (await tenant.call('GET', `/api/orgs/${tenant.id}${path}`)).body;
    }
    return seen;
  };

  beforeAll(async () => {
    replica = await startTestReplica(suite.open);
    app = createTestApp(suite.open.database, { agentApp: agentRoutes(replica.running.plane) });
    [mine, theirs] = [await app.createTenant(), await app.createTenant()];
    myThings = await furnish(app, mine, insertAgent, insertModel);
    theirThings = await furnish(app, theirs, insertAgent, insertModel);
    const document = (await app.call('GET', '/api/openapi.json')).body;
    const all = Object.entries(document.paths as Record<string, object>).flatMap(([path, methods]) =>
      Object.keys(methods).map((method): [string, string, string] => [
        `${method} ${path}`,
        method.toUpperCase(),
        path,
      ]),
    );
    operations = all.filter(([, , path]) => !path.startsWith('/api/agent/'));
    agentOperations = all.filter(([, , path]) => path.startsWith('/api/agent/'));
  });
  afterAll(() => replica.stop());

  it('knows every operation of the document', () => {
    expect(operations.map(([name]) => name).sort()).toEqual(Object.keys(CASES).sort());
    expect(agentOperations.map(([name]) => name).sort()).toEqual(Object.keys(AGENT_CASES).sort());
  });

  it('answers another tenant’s identifiers as if they did not exist, and changes nothing', async () => {
    const before = await look(theirs);
    for (const [name, method, path] of operations) {
      const { ids = [], body } = CASES[name] ?? {};
      if (ids.length === 0) continue;
      const foreign = ids.map((id) => theirThings[id]);
      const attempts = [foreign];
      // Their object under my organization, and my object under theirs.
      if (ids.length > 1) {
        attempts.push(ids.map((id, index) => (index === 0 ? myThings[id] : theirThings[id])));
        attempts.push(ids.map((id, index) => (index === 0 ? theirThings[id] : myThings[id])));
      }
      for (const attempt of attempts) {
        const answer = await mine.call(method, fill(path, attempt), body?.(myThings));
        const expected = name === 'delete /api/orgs/{id}' ? 403 : 404;
        expect([name, attempt, answer.status]).toEqual([name, attempt, expected]);
        expect(JSON.stringify(answer.body)).not.toContain('mine');
      }
    }
    expect(await look(theirs)).toEqual(before);
  });

  it('refuses another tenant’s identifiers in bodies', async () => {
    for (const [name, method, path] of operations) {
      const { ids = [], body } = CASES[name] ?? {};
      const names = JSON.stringify(body?.(theirThings) ?? {});
      if (!Object.values(theirThings).some((id) => names.includes(id))) continue;
      const own = fill(
        path,
        ids.map((id) => myThings[id]),
      );
      const answer = await mine.call(method, own, body?.(theirThings));
      expect([name, answer.status]).toEqual([name, 422]);
    }
  });

  it('does not act for another tenant who is named in the header', async () => {
    for (const [name, method, path] of operations) {
      if (path.startsWith('/api/orgs')) continue;
      const { ids = [], body } = CASES[name] ?? {};
      const own = fill(
        path,
        ids.map((id) => theirThings[id]),
      );
      const answer = await app.call(method, own, {
        token: mine.token,
        body: body?.(theirThings),
        headers: { 'Bonito-Organization': theirThings.organization },
      });
      expect([name, answer.status]).toEqual([name, 404]);
    }
  });

  it('lists nothing of another tenant', async () => {
    const seen = JSON.stringify(await look(mine));
    for (const [name, method, path] of operations) {
      if (method !== 'GET' || path.includes('{')) continue;
      const answer = await mine.call('GET', path);
      expect([name, answer.status]).toEqual([name, 200]);
      const text = JSON.stringify(answer.body);
      for (const id of Object.values(theirThings)) expect(text).not.toContain(id);
    }
    for (const id of Object.values(theirThings)) expect(seen).not.toContain(id);
  });

  it.each([
    ['no token', {}],
    ['a malformed header', { authorization: 'Basic abc' }],
    ['an unknown token', { authorization: `Bearer ba-${'x'.repeat(43)}` }],
    ['an endless token', { authorization: `Bearer ba-${'x'.repeat(4_000)}` }],
  ])('asks for a token everywhere: %s', async (_, headers) => {
    for (const [name, method, path] of operations) {
      const { ids = [], body } = CASES[name] ?? {};
      const own = fill(
        path,
        ids.map((id) => myThings[id]),
      );
      const answer = await app.call(method, own, { body: body?.(myThings), headers });
      expect([name, answer.status, answer.body.code]).toEqual([name, 401, 'unauthenticated']);
      expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/);
    }
  });

  const agentHeaders = (instance: string) => ({ 'bonito-protocol': '1', 'bonito-instance': instance });
  const newAgentToken = async (tenant: Tenant): Promise<string> =>
    (await tenant.call('POST', `/api/orgs/${tenant.id}/tokens`, { name: 'agents' })).body.token;

  it('tells an agent nothing of another tenant, and lets it change nothing there', async () => {
    const [token, theirToken] = [await newAgentToken(mine), await newAgentToken(theirs)];
    const headers = agentHeaders(theirThings.instance);
    const manifest = (await app.call('GET', '/api/agent/config', { token: theirToken, headers })).body;
    const { sections } = JSON.parse(Buffer.from(manifest.split('.')[1], 'base64url').toString());
    const digest: string = sections.find(({ name }: { name: string }) => name === 'providers').digest;
    const before = await look(theirs);
    for (const [name, method, path] of agentOperations) {
      const { status, body } = AGENT_CASES[name] ?? {};
      const address = fill(path, [digest]);
      const answer = await app.call(method, address, { token, headers, body: body?.(theirThings) });
      expect([name, answer.status]).toEqual([name, status]);
      const said = path.endsWith('/config')
        ? Buffer.from(answer.body.split('.')[1], 'base64url').toString()
        : JSON.stringify(answer.body);
      for (const id of [...Object.values(theirThings), digest]) expect(said).not.toContain(id);
    }
    expect(await look(theirs)).toEqual(before);
    const command = `/api/orgs/${theirs.id}/agents/${theirThings.instance}/commands/${theirThings.command}`;
    expect((await theirs.call('GET', command)).body.answered_at).toBeNull();
    const [row] = (await mine.call('GET', '/api/gateway/logs')).body.data;
    expect(row).toMatchObject({ key: null, model_used: null, provider: null });
    // The process named itself as one of theirs: it is one of mine now as well, and theirs is as it was.
    const { data } = (await mine.call('GET', `/api/orgs/${mine.id}/agents`)).body;
    expect(data.map(({ instance }: { instance: string }) => instance)).toContain(theirThings.instance);
  });

  it('asks agents for an agent’s token everywhere', async () => {
    const key: string = (await mine.call('POST', '/api/gateway/keys', { name: 'k' })).body.key;
    const unknown = `${(await newAgentToken(mine)).slice(0, -6)}AAAAAA`;
    for (const [name, method, path] of agentOperations) {
      for (const token of [undefined, mine.token, key, unknown, `bt-${'x'.repeat(4_000)}`]) {
        const answer = await app.call(method, fill(path, ['a'.repeat(64)]), {
          ...{ token, headers: agentHeaders(myThings.instance), body: AGENT_CASES[name]?.body?.(myThings) },
        });
        expect([name, answer.status, answer.body.code]).toEqual([name, 401, 'agent_token_invalid']);
      }
    }
  });

  it('takes neither an application’s key nor an agent’s token', async () => {
    const key = (await mine.call('POST', '/api/gateway/keys', { name: 'k' })).body.key;
    const token = (await mine.call('POST', `/api/orgs/${mine.id}/tokens`, { name: 't' })).body.token;
    for (const secret of [key, token]) {
      expect((await app.call('GET', '/api/providers', { token: secret })).status).toBe(401);
    }
  });

  it('meets nothing unexpected in all of this', () => expect(app.unexpected).toEqual([]));
});
