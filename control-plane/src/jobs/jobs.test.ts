import { newId } from '@bonito/protocol';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ownerTransaction, tenantTransaction } from '../db/transactions.ts';
import { rotateAgentToken } from '../services/agent-tokens/rotate.ts';
import { listAgents } from '../services/fleet/list-agents.ts';
import { maintainFleet } from '../services/fleet/maintain-fleet.ts';
import { forgetStreams } from '../services/ingest/forget-streams.ts';
import { maintainPartitions, partitionMonths } from '../services/ingest/maintain-partitions.ts';
import { trimQuarantine } from '../services/ingest/trim-quarantine.ts';
import { describeOnEachDatabase } from '../testing/each-database.ts';
import { configureSample } from '../testing/sample-organization.ts';
import { sampleUsage } from '../testing/sample-records.ts';
import { startTestReplica, type TestAgent, type TestReplica } from '../testing/test-replica.ts';
import { startJobs } from './scheduler.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

describeOnEachDatabase('regular work', (suite) => {
  let replica: TestReplica;
  let now = Date.now();
  beforeAll(async () => {
    replica = await startTestReplica(suite.open, { now: () => now });
  });
  afterAll(() => replica.stop());

  const beat = {
    agent_version: '0.1.0',
    started_at: '2026-11-21T07:00:00.000Z',
    protocol: 1,
    applied: null,
    rejected: null,
    spool: { bytes: 0, records: 0, oldest_at: null, collapsed: 0 },
    requests: { total: 0, errors: 0, in_flight: 0 },
    providers: [],
    answers: [],
  };

  /** Sends a heartbeat as if it were so many milliseconds ago. */
  async function beatAgo(agent: TestAgent, ago: number): Promise<void> {
    now = Date.now() - ago;
    expect((await replica.post(agent, '/heartbeat', beat)).status).toBe(200);
    now = Date.now();
  }

  it('makes partitions ahead, with row-level security forced, once', async () => {
    const { database } = suite.open;
    const july = Date.parse('2031-07-15T00:00:00.000Z');
    const made = await Promise.all([maintainPartitions(database, july), maintainPartitions(database, july)]);
    expect(made.flat().sort()).toEqual(
      ['gateway_request_attempts', 'gateway_requests'].flatMap((table) =>
        ['06', '07', '08', '09', '10'].map((month) => `${table}_2031_${month}`),
      ),
    );
    const unguarded = await ownerTransaction(database, async (transaction) => {
      const { rows } = await sql`
        select relname
        from pg_class
        where relname like 'gateway_request%' and relkind in ('r', 'p')
          and not (relrowsecurity and relforcerowsecurity)
      `.execute(transaction);
      return rows;
    });
    expect(unguarded).toEqual([]);
  });

  it('moves rows that came before their partition out of the default one', async () => {
    const agent = await replica.newAgent();
    const { provider, deployment, key } = await configureSample(replica.context(agent.organizationId));
    const ids = { key_id: key.id, provider_id: provider.id, deployment_id: deployment.id };
    const records = ['2032-03-01T00:00:00.000Z', '2032-03-31T23:59:59.999Z', '2032-09-01T00:00:00.000Z'].map(
      (occurred_at) => sampleUsage(ids, { occurred_at }),
    );
    await replica.post(agent, '/ingest', { stream: newId(), first_sequence: 0, records });
    const places = () =>
      tenantTransaction(suite.open.database, agent.organizationId, async (transaction) => {
        const { rows } = await sql<{ place: string }>`
          select tableoid::regclass::text as place from gateway_requests order by occurred_at
        `.execute(transaction);
        return rows.map(({ place }) => place);
      });
    expect(new Set(await places())).toEqual(new Set(['gateway_requests_default']));
    await maintainPartitions(suite.open.database, Date.parse('2032-03-10T00:00:00.000Z'));
    expect(await places()).toEqual([
      'gateway_requests_2032_03',
      'gateway_requests_2032_03',
      'gateway_requests_default',
    ]);
  });

  it('forgets processes that were not seen for a month', async () => {
    const agent = await replica.newAgent();
    await beatAgo({ ...agent, instance: newId() }, 31 * DAY);
    await beatAgo(agent, 29 * DAY);
    await maintainFleet(suite.open.database);
    const { data } = await listAgents(replica.context(agent.organizationId), { limit: 10 });
    expect(data.map(({ instance }) => instance)).toEqual([agent.instance]);
  });

  it('ends a replaced token’s grace only when nobody used it for a day', async () => {
    const agent = await replica.newAgent();
    const context = replica.context(agent.organizationId);
    now = Date.now() - 40 * HOUR;
    await rotateAgentToken(context, agent.tokenId);
    now = Date.now();
    const accepted = async () => {
      replica.running.plane.authenticator.forget(agent.organizationId);
      return (await replica.get(agent, '/config')).status === 200;
    };
    await beatAgo(agent, 23 * HOUR);
    await maintainFleet(suite.open.database);
    expect(await accepted()).toBe(true);
    await tenantTransaction(suite.open.database, agent.organizationId, async (transaction) => {
      const old = new Date(Date.now() - 25 * HOUR);
      await transaction.updateTable('agents').set({ last_seen_at: old }).execute();
      await transaction.updateTable('agent_tokens').set({ previous_last_used_at: old }).execute();
    });
    await maintainFleet(suite.open.database);
    expect(await accepted()).toBe(false);
  });

  it('forgets streams that stood still for 90 days, but none of a process that still lives', async () => {
    const streamsOf = ({ organizationId }: TestAgent) =>
      tenantTransaction(suite.open.database, organizationId, (transaction) =>
        transaction.selectFrom('ingest_streams').select('stream').execute(),
      ).then((rows) => rows.map(({ stream }) => stream));
    const deliver = async (agent: TestAgent, stream: string, ago: number) => {
      now = Date.now() - ago;
      const records = [
        {
          kind: 'audit',
          id: newId(),
          occurred_at: new Date(now).toISOString(),
          action: 'started',
          count: null,
        },
      ];
      const answer = await replica.post(agent, '/ingest', { stream, first_sequence: 0, records });
      now = Date.now();
      expect(await answer.json()).toMatchObject({ next_sequence: 1, applied: 1 });
    };
    const [gone, idle] = [await replica.newAgent(), await replica.newAgent()];
    const [ended, recent, kept] = [newId(), newId(), newId()];
    await deliver(gone, ended, 91 * DAY);
    await deliver(gone, recent, 89 * DAY);
    await deliver(idle, kept, 91 * DAY);
    const startedAt = (ago: number) => ({ ...beat, started_at: new Date(Date.now() - ago).toISOString() });
    // A process of today did not write what is ninety-one days old; one that has run idle since then may have.
    await replica.post(gone, '/heartbeat', startedAt(HOUR));
    await replica.post(idle, '/heartbeat', startedAt(92 * DAY));
    expect(await forgetStreams(suite.open.database)).toBe(1);
    expect([await streamsOf(gone), await streamsOf(idle)]).toEqual([[recent], [kept]]);
  });

  it('keeps the quarantine small', async () => {
    const agent = await replica.newAgent();
    const stream = newId();
    const { organizationId } = agent;
    const left = await tenantTransaction(suite.open.database, organizationId, async (transaction) => {
      await sql`
        insert into ingest_quarantine (org_id, stream, sequence, received_at, path, code)
        select ${organizationId}, ${stream}, n, now() - n * interval '1 second', 'kind', 'invalid_value'
        from generate_series(1, 10050) n
      `.execute(transaction);
      await sql`
        update ingest_quarantine set received_at = now() - interval '31 days' where sequence <= 10
      `.execute(transaction);
    }).then(async () => {
      await trimQuarantine(suite.open.database);
      return tenantTransaction(suite.open.database, organizationId, async (transaction) => {
        const { rows } = await sql<{ rows: number; first: number; last: number }>`
          select count(*)::int as rows, min(sequence) as first, max(sequence) as last from ingest_quarantine
        `.execute(transaction);
        return rows[0];
      });
    });
    expect(left).toEqual({ rows: 10_000, first: 11, last: 10_010 });
  });
});

describe('months', () => {
  it('go on over the end of a year', () => {
    expect(partitionMonths(Date.parse('2026-12-31T23:59:59.999Z'))).toMatchObject([
      { suffix: '2026_11' },
      { suffix: '2026_12', from: '2026-12-01T00:00:00.000Z', to: '2027-01-01T00:00:00.000Z' },
      { suffix: '2027_01' },
      { suffix: '2027_02' },
      { suffix: '2027_03' },
    ]);
  });
});

describe('the scheduler', () => {
  it('runs every job at the start, and one that fails does not keep the others from running', async () => {
    const ran: string[] = [];
    const failed: string[] = [];
    const job = (name: string, fails = false) => ({
      name,
      run: async () => {
        ran.push(name);
        if (fails) throw new Error('no');
      },
    });
    const scheduler = startJobs({
      database: { transaction: () => Promise.reject(new Error('not used')) },
      now: () => 0,
      onError: (name) => failed.push(name),
      jobs: [job('one'), job('two', true), job('three')],
    });
    await scheduler.first;
    await scheduler.stop();
    expect([ran, failed]).toEqual([['one', 'two', 'three'], ['two']]);
  });
});
