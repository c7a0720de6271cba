import {
  type AgentRecord,
  INGEST_LIMITS,
  type IngestAnswer,
  ingestAnswerSchema,
  newId,
  type UsageRecord,
} from '@bonito/protocol';
import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tenantTransaction } from '../../db/transactions.ts';
import { applyBatch } from '../../ledger/apply-batch.ts';
import { describeOnEachDatabase } from '../../testing/each-database.ts';
import { configureSample } from '../../testing/sample-organization.ts';
import { type SampleIds, sampleUsage } from '../../testing/sample-records.ts';
import { startTestReplica, type TestAgent, type TestReplica } from '../../testing/test-replica.ts';
import { parseRecord } from './parse-records.ts';

interface Totals {
  requests: number;
  attempts: number;
  cost: number;
  rollup_requests: number;
  rollup_attempts: number;
  rollup_cost: number;
  lost: number;
}

describeOnEachDatabase('ingest', (suite) => {
  let replica: TestReplica;
  beforeAll(async () => {
    replica = await startTestReplica(suite.open);
  });
  afterAll(() => replica.stop());

  async function newFleet(): Promise<{ agent: TestAgent; ids: SampleIds }> {
    const agent = await replica.newAgent();
    const { provider, deployment, key } = await configureSample(replica.context(agent.organizationId));
    return { agent, ids: { key_id: key.id, provider_id: provider.id, deployment_id: deployment.id } };
  }

  async function deliver(
    agent: TestAgent,
    stream: string,
    first_sequence: number,
    records: unknown[],
  ): Promise<IngestAnswer> {
    const response = await replica.post(agent, '/ingest', { stream, first_sequence, records });
    expect(response.status).toBe(200);
    return ingestAnswerSchema.parse(await response.json());
  }

  function totals(organizationId: string): Promise<Totals> {
    return tenantTransaction(suite.open.database, organizationId, async (transaction) => {
      const { rows } = await sql<Totals>`
        select
          (select count(*)::int from gateway_requests) as requests,
          (select count(*)::int from gateway_request_attempts) as attempts,
          (select coalesce(sum(cost_nanos), 0)::bigint from gateway_requests) as cost,
          (select coalesce(sum(requests), 0)::bigint from usage_hourly) as rollup_requests,
          (select coalesce(sum(attempts), 0)::bigint from usage_hourly) as rollup_attempts,
          (select coalesce(sum(cost_nanos), 0)::bigint from usage_hourly) as rollup_cost,
          (select coalesce(sum(lost), 0)::bigint from ingest_streams) as lost
      `.execute(transaction);
      const [row] = rows;
      if (!row) throw new Error('an aggregate has one row');
      return row;
    });
  }

  it('settles each record once, however often it is delivered', async () => {
    const { agent, ids } = await newFleet();
    const stream = newId();
    const records = Array.from({ length: 10 }, () => sampleUsage(ids));
    expect(await deliver(agent, stream, 0, records.slice(0, 6))).toEqual({
      next_sequence: 6,
      applied: 6,
      duplicates: 0,
      quarantined: 0,
      lost: 0,
    });
    expect(await deliver(agent, stream, 0, records.slice(0, 6))).toMatchObject({ applied: 0, duplicates: 6 });
    expect(await deliver(agent, stream, 3, records.slice(3))).toEqual({
      next_sequence: 10,
      applied: 4,
      duplicates: 3,
      quarantined: 0,
      lost: 0,
    });
    expect(await totals(agent.organizationId)).toEqual({
      requests: 10,
      attempts: 10,
      cost: 12_500,
      rollup_requests: 10,
      rollup_attempts: 10,
      rollup_cost: 12_500,
      lost: 0,
    });
  });

  it('counts a gap as lost, and what comes late from it changes nothing', async () => {
    const { agent, ids } = await newFleet();
    const stream = newId();
    expect(await deliver(agent, stream, 5, [sampleUsage(ids)])).toMatchObject({ next_sequence: 6, lost: 5 });
    expect(await deliver(agent, stream, 0, [sampleUsage(ids)])).toMatchObject({ applied: 0, duplicates: 1 });
    expect(await totals(agent.organizationId)).toMatchObject({ requests: 1, lost: 5 });
  });

  it('does not count a record again that comes under two numbers', async () => {
    const { agent, ids } = await newFleet();
    const record = sampleUsage(ids);
    expect(await deliver(agent, newId(), 0, [record, record])).toMatchObject({ applied: 1, duplicates: 1 });
    expect(await deliver(agent, newId(), 0, [record])).toMatchObject({ applied: 0, duplicates: 1 });
    expect(await totals(agent.organizationId)).toMatchObject({
      requests: 1,
      rollup_requests: 1,
      rollup_cost: 1_250,
    });
  });

  it('quarantines what it cannot read, without a word of what stood there', async () => {
    const { agent, ids } = await newFleet();
    const stream = newId();
    const wrong = [
      { ...sampleUsage(ids), cost_nanos: 7 },
      { ...sampleUsage(ids), outcome: 'canary words' },
      { ...sampleUsage(ids), tokens: { 'canary words': 1 } },
      { ...sampleUsage(ids), occurred_at: '0000-01-01T00:00:00.000Z' },
      { kind: 'canary words' },
      'canary words',
    ];
    expect(await deliver(agent, stream, 0, [sampleUsage(ids), ...wrong, sampleUsage(ids)])).toMatchObject({
      next_sequence: 8,
      applied: 2,
      quarantined: 6,
    });
    const entries = await tenantTransaction(suite.open.database, agent.organizationId, (transaction) =>
      transaction
        .selectFrom('ingest_quarantine')
        .select(['sequence', 'path', 'code'])
        .orderBy('sequence')
        .execute(),
    );
    expect(entries.map(({ sequence, path, code }) => [sequence, path, code])).toEqual([
      [1, 'cost_nanos', 'custom'],
      [2, 'outcome', 'invalid_value'],
      [3, expect.stringMatching(/^tokens/), expect.any(String)],
      [4, 'occurred_at', 'out_of_range'],
      [5, 'kind', 'invalid_value'],
      [6, 'kind', 'invalid_value'],
    ]);
    expect(JSON.stringify(entries)).not.toContain('canary');
  });

  it('stores ids that are not the organization’s as null', async () => {
    const [mine, other] = [await newFleet(), await newFleet()];
    const foreign = sampleUsage(other.ids, { team_id: newId(), requested_id: newId() });
    expect(await deliver(mine.agent, newId(), 0, [foreign])).toMatchObject({ applied: 1 });
    const rows = await tenantTransaction(suite.open.database, mine.agent.organizationId, (transaction) =>
      transaction.selectFrom('gateway_requests').selectAll().execute(),
    );
    expect(rows[0]).toMatchObject({
      key_id: null,
      team_id: null,
      requested_id: null,
      deployment_id: null,
      provider_id: null,
      source: 'vpc_agent',
      tokens_input: 100,
      tokens_reasoning: null,
    });
    expect(await totals(other.agent.organizationId)).toMatchObject({ requests: 0, rollup_requests: 0 });
  });

  it('keeps the time of a late and of a skewed record', async () => {
    const { agent, ids } = await newFleet();
    const times = ['1999-12-31T23:59:59.999Z', '2150-06-01T12:00:00.000Z'];
    const records = times.map((occurred_at) => sampleUsage(ids, { occurred_at }));
    expect(await deliver(agent, newId(), 0, records)).toMatchObject({ applied: 2 });
    const rows = await tenantTransaction(suite.open.database, agent.organizationId, (transaction) =>
      transaction.selectFrom('gateway_requests').select('occurred_at').orderBy('occurred_at').execute(),
    );
    expect(rows.map((row) => row.occurred_at.toISOString())).toEqual(times);
  });

  it('adds an agent’s own totals, and numbers beyond all sense never block a stream', async () => {
    const { agent, ids } = await newFleet();
    const rollup = {
      kind: 'usage_rollup',
      hour: '2026-11-21T08:00:00.000Z',
      ...{ key_id: ids.key_id, team_id: null, route_id: null, requested_id: null },
      ...{ provider_id: ids.provider_id, deployment_id: ids.deployment_id },
      ...{ requests: 7, attempts: 8, errors: 1, cancelled: 0, unknown: 2, tokens: { input: 70 } },
      cost_nanos: Number.MAX_SAFE_INTEGER,
      latency_ms: 700,
    };
    const records = Array.from({ length: 3 }, () => ({ ...rollup, id: newId() }));
    expect(await deliver(agent, newId(), 0, records)).toMatchObject({ applied: 3 });
    expect(await deliver(agent, newId(), 0, records)).toMatchObject({ applied: 3 });
    expect(await totals(agent.organizationId)).toMatchObject({
      rollup_requests: 42,
      rollup_attempts: 48,
      rollup_cost: Number.MAX_SAFE_INTEGER,
    });
  });

  it('puts audit records into the audit log, and keeps the newest list of models', async () => {
    const { agent, ids } = await newFleet();
    const list = (models: string[], occurred_at: string) => ({
      kind: 'models_discovered',
      id: newId(),
      occurred_at,
      provider_id: ids.provider_id,
      models,
    });
    await deliver(agent, newId(), 0, [
      { kind: 'audit', id: newId(), occurred_at: '2026-11-21T08:00:00.000Z', action: 'started', count: null },
      list(['newer'], '2026-11-21T08:00:02.000Z'),
      list(['older'], '2026-11-21T08:00:01.000Z'),
      { ...list(['foreign'], '2026-11-21T08:00:03.000Z'), provider_id: newId() },
    ]);
    await tenantTransaction(suite.open.database, agent.organizationId, async (transaction) => {
      const models = await transaction.selectFrom('discovered_models').select('models').execute();
      expect(models).toEqual([{ models: ['newer'] }]);
      const entries = await transaction
        .selectFrom('audit_log')
        .select('actor')
        .where('action', '=', 'agent.started')
        .execute();
      expect(entries).toEqual([{ actor: `agent:${agent.instance}` }]);
    });
  });

  it('takes the largest batch that is allowed and refuses a larger one', async () => {
    const { agent, ids } = await newFleet();
    const record = sampleUsage(ids);
    const records = Array.from({ length: INGEST_LIMITS.records }, () => ({ ...record, id: newId() }));
    expect(await deliver(agent, newId(), 0, records)).toMatchObject({ applied: INGEST_LIMITS.records });
    const more = await replica.post(agent, '/ingest', {
      stream: newId(),
      first_sequence: 0,
      records: Array.from({ length: INGEST_LIMITS.records + 1 }, () => 1),
    });
    expect(more.status).toBe(400);
  });

  it('does what one delivery in order does, for any deliveries, crashes and processes at once', async () => {
    const { agent, ids } = await newFleet();
    let expected = await totals(agent.organizationId);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ errors: fc.boolean(), attempts: fc.integer({ min: 0, max: 3 }) }), {
          minLength: 1,
          maxLength: 20,
        }),
        fc.array(
          fc.record({ from: fc.nat(19), length: fc.integer({ min: 1, max: 8 }), crash: fc.boolean() }),
          {
            maxLength: 12,
          },
        ),
        async (shapes, deliveries) => {
          const stream = newId();
          const records = shapes.map((shape) =>
            sampleUsage(ids, {
              outcome: shape.errors ? 'error' : 'success',
              attempts: Array.from({ length: shape.attempts }, () => ({})),
            }),
          );
          // An agent delivers from its mark on; retries and copies may begin anywhere below what was written.
          let mark = 0;
          const send = async (from: number, length: number, crash: boolean) => {
            const part = records.slice(from, from + length);
            if (crash) await crashInTheMiddle(agent, stream, from, part);
            else mark = Math.max(mark, (await deliver(agent, stream, from, part)).next_sequence);
          };
          for (const { from, length, crash } of deliveries) await send(Math.min(from, mark), length, crash);
          const rest = Math.min(mark, records.length - 1);
          await Promise.all([
            deliver(agent, stream, rest, records.slice(rest)),
            deliver(agent, stream, 0, records),
          ]);
          const attempts = records.reduce((sum, record) => sum + record.attempts.length, 0);
          const cost = records.reduce((sum, record) => sum + record.cost_nanos, 0);
          expected = {
            requests: expected.requests + records.length,
            attempts: expected.attempts + attempts,
            cost: expected.cost + cost,
            rollup_requests: expected.rollup_requests + records.length,
            rollup_attempts: expected.rollup_attempts + attempts,
            rollup_cost: expected.rollup_cost + cost,
            lost: 0,
          };
          expect(await totals(agent.organizationId)).toEqual(expected);
        },
      ),
      { numRuns: 25 },
    );
  });

  /** Applies a batch up to the commit, and dies there. */
  async function crashInTheMiddle(
    agent: TestAgent,
    stream: string,
    firstSequence: number,
    records: readonly AgentRecord[],
  ): Promise<void> {
    const { database } = suite.open;
    const dying: typeof database = {
      transaction: (role, organization, work, isolation) =>
        database.transaction(
          role,
          organization,
          async (transaction) => {
            await work(transaction);
            throw new Error('killed before the commit');
          },
          isolation,
        ),
    };
    const batch = {
      organizationId: agent.organizationId,
      instance: agent.instance,
      stream,
      firstSequence,
      records: records.map((record, index) => ({ sequence: firstSequence + index, record })),
    };
    await expect(applyBatch(dying, batch, Date.now())).rejects.toThrow('killed');
  }
});

describe('reading one record', () => {
  const ids = { key_id: newId(), provider_id: newId(), deployment_id: newId() };

  it('never throws, whatever it is', () => {
    fc.assert(fc.property(fc.anything(), (value) => parseRecord(3, value).sequence === 3));
  });

  it('replaces a price revision that is not one', () => {
    const record: UsageRecord = sampleUsage(ids, { attempts: [{ price_revision: 'free\u0000 text' }] });
    expect(parseRecord(0, record)).toMatchObject({ record: { attempts: [{ price_revision: 'other' }] } });
  });
});
