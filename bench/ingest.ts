/**
 * How many usage records a second one control plane stores in a durable Postgres on the same machine:
 * `node bench/ingest.ts [batches] [records per batch] [at once]`.
 * Everything is measured but the network: inflating, reading, checking, storing with the hourly totals.
 */
import { readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { newId } from '@bonito/protocol';
import { openDatabase } from '../control-plane/src/db/open-database.ts';
import { startJobs } from '../control-plane/src/jobs/scheduler.ts';
import { countRequests, serverProcesses } from '../control-plane/src/testing/measure-database.ts';
import { findPostgresBinaries, startPostgresServer } from '../control-plane/src/testing/postgres-server.ts';
import { configureSample } from '../control-plane/src/testing/sample-organization.ts';
import { sampleUsage } from '../control-plane/src/testing/sample-records.ts';
import { startTestReplica } from '../control-plane/src/testing/test-replica.ts';

const [batches = 40, batchSize = 2_500, atOnce = 4] = process.argv.slice(2).map(Number);
const DURABLE = { shared_buffers: '256MB', max_wal_size: '2GB', wal_compression: 'on' };
const TICKS_PER_SECOND = 100;

const stack = new AsyncDisposableStack();
try {
  await measure();
} finally {
  await stack.disposeAsync();
}

async function measure(): Promise<void> {
  const binaries = findPostgresBinaries();
  if (!binaries) throw new Error('no Postgres binaries on this machine: install the package postgresql');
  const server = await startPostgresServer(binaries, DURABLE);
  stack.defer(() => server.stop());
  const open = await openDatabase({ kind: 'postgres', url: await server.createDatabase() });
  stack.defer(() => open.close());
  const replica = await startTestReplica(open);
  stack.defer(() => replica.stop());
  const onError = (job: string, error: unknown) => console.error(job, error);
  const jobs = startJobs({ database: open.database, now: Date.now, onError });
  stack.defer(() => jobs.stop());
  await jobs.first;

  const agent = await replica.newAgent();
  const { provider, deployment, key } = await configureSample(replica.context(agent.organizationId));
  const ids = { key_id: key.id, provider_id: provider.id, deployment_id: deployment.id };
  const occurred_at = new Date().toISOString();

  function makeBody(stream: string, first_sequence: number): Uint8Array<ArrayBuffer> {
    const records = Array.from({ length: batchSize }, () => sampleUsage(ids, { occurred_at }));
    return new Uint8Array(gzipSync(JSON.stringify({ stream, first_sequence, records })));
  }

  const serverCpu = async () => processorSeconds(await serverProcesses(open.database, agent.organizationId));

  /** Each sender is an agent process of its own, with its own stream. */
  async function run(perSender: number) {
    const senders = Array.from({ length: atOnce }, () => {
      const stream = newId();
      return Array.from({ length: perSender }, (_, index) => makeBody(stream, index * batchSize));
    });
    const serverBefore = await serverCpu();
    const nodeBefore = process.cpuUsage();
    const start = performance.now();
    await Promise.all(
      senders.map(async (bodies) => {
        for (const body of bodies) {
          const answer = await replica.postRaw(agent, '/ingest', body);
          if (answer.status !== 200) throw new Error(`answered ${answer.status}: ${await answer.text()}`);
        }
      }),
    );
    const seconds = (performance.now() - start) / 1_000;
    const { user, system } = process.cpuUsage(nodeBefore);
    return {
      records: atOnce * perSender * batchSize,
      seconds,
      node: (user + system) / 1e6,
      server: (await serverCpu()) - serverBefore,
    };
  }

  const warm = await run(2);
  const { records, seconds, node, server: database } = await run(Math.max(1, Math.round(batches / atOnce)));
  const stored = await countRequests(open.database, agent.organizationId);
  const expected = warm.records + records;
  if (stored?.rows !== expected || stored.totals !== expected)
    throw new Error(`stored ${JSON.stringify(stored)} of ${expected} records`);
  console.log(
    JSON.stringify({
      records,
      batch: batchSize,
      at_once: atOnce,
      seconds: Number(seconds.toFixed(2)),
      records_per_second: Math.round(records / seconds),
      control_plane_cpu_us_per_record: Number(((node / records) * 1e6).toFixed(1)),
      postgres_cpu_us_per_record: Number(((database / records) * 1e6).toFixed(1)),
      // What two cores that do nothing else could do: a busy machine gives less than its share.
      records_per_second_of_two_cores: Math.round((2 * records) / (node + database)),
    }),
  );
}

/** Processor time of some processes so far, in seconds, as Linux tells it. */
async function processorSeconds(pids: readonly number[]): Promise<number> {
  const stats = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')));
  const ticks = stats.map((text) => {
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
  });
  return ticks.reduce((total, each) => total + each, 0) / TICKS_PER_SECOND;
}
