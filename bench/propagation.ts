/**
 * How long a new revision takes to reach waiting agents: from the start of the write that makes a key until the last of
 * them holds the new manifest. `node bench/propagation.ts [agents] [changes]`.
 * Each agent has a connection of its own over loopback. Agents and control plane share one process, Postgres is apart, so
 * that the figure holds the work of both ends.
 */
import http from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { newId } from '@bonito/protocol';
import { openDatabase } from '../control-plane/src/db/open-database.ts';
import { createKey } from '../control-plane/src/services/keys/create.ts';
import { createKeySchema } from '../control-plane/src/services/keys/keys.schemas.ts';
import { findPostgresBinaries, startPostgresServer } from '../control-plane/src/testing/postgres-server.ts';
import { configureSample } from '../control-plane/src/testing/sample-organization.ts';
import { startTestReplica } from '../control-plane/src/testing/test-replica.ts';

const [agents = 1_000, changes = 5] = process.argv.slice(2).map(Number);

const stack = new AsyncDisposableStack();
try {
  await measure();
} finally {
  await stack.disposeAsync();
}

async function measure(): Promise<void> {
  const binaries = findPostgresBinaries();
  if (!binaries) throw new Error('no Postgres binaries on this machine: install the package postgresql');
  const postgres = await startPostgresServer(binaries, { shared_buffers: '128MB' });
  stack.defer(() => postgres.stop());
  const open = await openDatabase({ kind: 'postgres', url: await postgres.createDatabase() });
  stack.defer(() => open.close());
  const replica = await startTestReplica(open);
  stack.defer(() => replica.stop());
  const { port, close } = await replica.listen();
  stack.defer(close);
  const pool = new http.Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });
  stack.defer(() => pool.destroy());

  const agent = await replica.newAgent();
  const context = replica.context(agent.organizationId);
  await configureSample(context);
  const instances = Array.from({ length: agents }, () => newId());

  /** Asks once; answers status, tag, and when the last byte was there. */
  function ask(instance: string, tag: string): Promise<{ status: number; tag: string; at: number }> {
    const { promise, resolve, reject } = Promise.withResolvers<{ status: number; tag: string; at: number }>();
    const headers = {
      ...replica.headersOf({ ...agent, instance }),
      ...(tag && { 'if-none-match': tag, prefer: 'wait=50' }),
    };
    const request = http.get(
      { host: '127.0.0.1', port, path: '/config', agent: pool, headers },
      (response) => {
        const { statusCode: status = 0 } = response;
        const newTag = response.headers.etag ?? '';
        response.once('end', () => resolve({ status, tag: newTag, at: performance.now() }));
        response.resume();
      },
    );
    request.once('error', reject);
    return promise;
  }

  let { tag } = await ask(agent.instance, '');
  const lasts: number[] = [];
  const medians: number[] = [];
  for (let change = 0; change < changes; change++) {
    const known = tag;
    const waiting = Promise.all(instances.map((instance) => ask(instance, known)));
    while (replica.running.plane.hub.waiting() < agents) await wait(10);
    const start = performance.now();
    await createKey(context, createKeySchema.parse({ name: `key ${change}` }));
    const answers = await waiting;
    if (answers.some(({ status }) => status !== 200)) throw new Error('an agent was not given a manifest');
    const times = answers.map(({ at }) => at - start).sort((a, b) => a - b);
    lasts.push(times.at(-1) ?? 0);
    medians.push(middle(times));
    tag = answers[0]?.tag ?? '';
  }
  console.log(
    JSON.stringify({
      agents,
      changes,
      last_agent_ms: { median: Math.round(middle(lasts)), worst: Math.round(Math.max(...lasts)) },
      median_agent_ms: Math.round(middle(medians)),
      megabytes: Math.round(process.memoryUsage.rss() / 1e6),
    }),
  );
}

function middle(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
