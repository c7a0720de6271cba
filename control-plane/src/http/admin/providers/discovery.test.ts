import { newId } from '@bonito/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeOnEachDatabase } from '../../../testing/each-database.ts';
import { createTestApp, type Tenant, type TestApp } from '../../../testing/test-app.ts';
import { startTestReplica, type TestReplica } from '../../../testing/test-replica.ts';
import { agentRoutes } from '../../agent/agent-routes.ts';

const BEAT = {
  ...{ agent_version: '0.1.0', started_at: '2026-11-21T08:00:00.000Z', protocol: 2 },
  ...{ applied: null, rejected: null, providers: [] },
  spool: { bytes: 0, records: 0, oldest_at: null, collapsed: 0 },
  requests: { total: 0, errors: 0, in_flight: 0 },
};

describeOnEachDatabase('what agents find out about providers', (suite) => {
  let app: TestApp;
  let replica: TestReplica;
  beforeAll(async () => {
    replica = await startTestReplica(suite.open);
    app = createTestApp(suite.open.database, { agentApp: agentRoutes(replica.running.plane) });
  });
  afterAll(() => replica.stop());

  async function newTenant() {
    const tenant = await app.createTenant();
    const provider = await tenant.call('POST', '/api/providers', {
      ...{ name: 'a', kind: 'anthropic', credential: { from: 'environment', name: 'KEY' } },
    });
    expect([provider.status, provider.body.base_url]).toEqual([201, 'https://api.anthropic.com']);
    return { tenant, provider: provider.body.id as string };
  }

  /** An agent that is online, and answers what it is asked. */
  async function newAgent(tenant: Tenant) {
    const { token } = (await tenant.call('POST', `/api/orgs/${tenant.id}/tokens`, { name: 'agents' })).body;
    const headers = { 'bonito-protocol': '2', 'bonito-instance': newId() };
    const post = async (path: string, body: object) => {
      const answer = await app.call('POST', `/api/agent/${path}`, { token, headers, body });
      expect([path, answer.status]).toEqual([path, 200]);
      return answer.body;
    };
    const beat = (answers: object[] = []) => post('heartbeat', { ...BEAT, answers });
    await beat();
    return {
      async answer(answer: object) {
        for (;;) {
          const { commands } = await beat();
          if (commands.length === 0) continue;
          await beat(commands.map(({ id }: { id: string }) => ({ id, ...answer })));
          return commands;
        }
      },
      discovered: (provider: string, models: string[]) =>
        post('ingest', {
          ...{ stream: newId(), first_sequence: 0 },
          records: [
            {
              ...{ kind: 'models_discovered', id: newId(), occurred_at: '2026-11-21T08:00:00.000Z' },
              ...{ provider_id: provider, models },
            },
          ],
        }),
    };
  }

  it('says that no agent is there to ask', async () => {
    const { tenant, provider } = await newTenant();
    const answer = await tenant.call('POST', `/api/providers/${provider}/validate`, {});
    expect([answer.status, answer.body.code]).toEqual([409, 'conflict']);
  });

  it.each([
    [{ result: 'done' }, { status: 'ok', permission: null }],
    [
      {
        ...{ result: 'failed', error_code: 'authentication_failed' },
        ...{ reason: 'permission_missing', permission: 'bedrock:ListFoundationModels' },
      },
      { status: 'permission_missing', permission: 'bedrock:ListFoundationModels' },
    ],
    [{ result: 'failed', error_code: 'credential_unavailable', reason: 'expired' }, { status: 'expired' }],
    // Agents of version 1 say no reason.
    [{ result: 'failed', error_code: 'provider_unreachable' }, { status: 'unreachable' }],
    [{ result: 'failed', error_code: 'provider_unknown' }, { status: 'not_applied' }],
    [{ result: 'unsupported' }, { status: 'unsupported' }],
  ])('waits for an agent’s answer: %j', async (answered, expected) => {
    const { tenant, provider } = await newTenant();
    const agent = await newAgent(tenant);
    const [answer, commands] = await Promise.all([
      tenant.call('POST', `/api/providers/${provider}/validate`, { wait_seconds: 30 }),
      agent.answer(answered),
    ]);
    expect(commands).toMatchObject([{ type: 'validate_provider', provider_id: provider }]);
    expect(answer.body).toMatchObject(expected);
    expect(answer.body.message).toMatch(/\.$/);
    const audited = (await tenant.call('GET', '/api/audit-log')).body.data;
    expect(audited).toContainEqual(
      expect.objectContaining({ action: 'agent_command.created', object_id: answer.body.command_id }),
    );
  });

  it('does not wait longer than it is told', async () => {
    const { tenant, provider } = await newTenant();
    await newAgent(tenant);
    const answer = await tenant.call('POST', `/api/providers/${provider}/validate`, { wait_seconds: 0 });
    expect([answer.status, answer.body.status, answer.body.answered_at]).toEqual([200, 'pending', null]);
  });

  it('shows the models of a provider by pages, and makes a deployment of one in one call', async () => {
    const { tenant, provider } = await newTenant();
    const path = `/api/providers/${provider}/models`;
    expect((await tenant.call('GET', path)).body).toEqual({ data: [], next_cursor: null });
    const agent = await newAgent(tenant);
    await agent.discovered(provider, ['vendor/own-model', 'claude-haiku-4-5', 'arn:aws:x:y/zw']);

    const first = (await tenant.call('GET', `${path}?limit=2`)).body;
    expect(first.data.map(({ model }: { model: string }) => model)).toEqual([
      'arn:aws:x:y/zw',
      'claude-haiku-4-5',
    ]);
    const second = (await tenant.call('GET', `${path}?limit=2&cursor=${first.next_cursor}`)).body;
    expect(second.data).toMatchObject([{ model: 'vendor/own-model', priced: false, deployments: [] }]);
    expect(second.next_cursor).toBeNull();

    const made = await tenant.call('POST', `${path}/claude-haiku-4-5/deployment`, { family: 'claude' });
    expect([made.status, made.body]).toMatchObject([
      201,
      {
        ...{ name: 'claude-haiku-4-5', provider_id: provider, upstream_model: 'claude-haiku-4-5' },
        ...{ family: 'claude', price_source: 'catalog', price: { input: '1', cache_write_1h: '2' } },
      },
    ]);
    expect((await tenant.call('GET', `${path}?limit=2`)).body.data[1]).toMatchObject({
      ...{ model: 'claude-haiku-4-5', priced: true, context_window: 200_000 },
      deployments: ['claude-haiku-4-5'],
    });
    const slashed = await tenant.call('POST', `${path}/vendor%2Fown-model/deployment`, { name: 'own' });
    expect([slashed.status, slashed.body]).toMatchObject([
      201,
      { name: 'own', upstream_model: 'vendor/own-model', price_source: 'unknown', price: {} },
    ]);
  });

  it('makes no deployment of what was not found, or under a name that is taken', async () => {
    const { tenant, provider } = await newTenant();
    const path = `/api/providers/${provider}/models`;
    expect((await tenant.call('POST', `${path}/m/deployment`, {})).status).toBe(404);
    const agent = await newAgent(tenant);
    await agent.discovered(provider, ['m']);
    expect((await tenant.call('POST', `${path}/other/deployment`, {})).status).toBe(404);
    expect((await tenant.call('POST', `${path}/m/deployment`, { provider_id: provider })).status).toBe(422);
    expect((await tenant.call('POST', `${path}/m/deployment`, {})).status).toBe(201);
    expect((await tenant.call('POST', `${path}/m/deployment`, {})).status).toBe(409);
  });
});
