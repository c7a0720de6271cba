import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OpenDatabase, openDatabase } from '../db/open-database.ts';
import { deleteAgentToken } from '../services/agent-tokens/delete.ts';
import { createKey } from '../services/keys/create.ts';
import { createKeySchema } from '../services/keys/keys.schemas.ts';
import {
  findPostgresBinaries,
  type PostgresServer,
  startPostgresServer,
} from '../testing/postgres-server.ts';
import { startTestReplica, type TestReplica } from '../testing/test-replica.ts';

const binaries = findPostgresBinaries();
const redisServer = ['/usr/bin/redis-server', '/usr/local/bin/redis-server'].find((file) => existsSync(file));

async function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

async function startRedis(command: string): Promise<{ url: string; stop(): Promise<void> }> {
  const port = await freePort();
  const folder = mkdtempSync(path.join(tmpdir(), 'replicas-redis-'));
  const child = spawn(
    command,
    ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', folder],
    {
      stdio: 'ignore',
    },
  );
  const url = `redis://127.0.0.1:${port}`;
  const probe = new Redis(url, { retryStrategy: () => 50, maxRetriesPerRequest: null });
  probe.on('error', () => {});
  await probe.ping();
  probe.disconnect();
  return {
    url,
    async stop() {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill();
      await ended;
      rmSync(folder, { recursive: true });
    },
  };
}

const unavailable = !binaries && !process.env.CI;
describe.skipIf(unavailable)('two replicas on one Postgres', () => {
  let server: PostgresServer;
  let url: string;
  const databases: OpenDatabase[] = [];
  const replicas: TestReplica[] = [];

  beforeAll(async () => {
    if (!binaries) throw new Error('no Postgres binaries on this machine: install the package postgresql');
    server = await startPostgresServer(binaries);
    url = await server.createDatabase();
  });
  afterAll(async () => {
    await Promise.all(replicas.map((replica) => replica.stop()));
    await Promise.all(databases.map((open) => open.close()));
    await server?.stop();
  });

  async function startPair(options: {
    redisUrl?: string;
    reread?: boolean;
    deaf?: boolean;
    now?: () => number;
  }) {
    const open = async (): Promise<OpenDatabase> => {
      const database = await openDatabase({ kind: 'postgres', url });
      databases.push(database);
      if (!options.deaf) return database;
      return { ...database, listener: { listen: async () => async () => {}, close: async () => {} } };
    };
    const { deaf: _, ...rest } = options;
    const one = await startTestReplica(await open(), rest);
    const two = await startTestReplica(await open(), { ...rest, keys: one.keys });
    replicas.push(one, two);
    return { one, two };
  }

  async function changeOnOneWakesTheOther({ one, two }: { one: TestReplica; two: TestReplica }) {
    const agent = await one.newAgent();
    const first = await two.get(agent, '/config');
    const tag = first.headers.get('etag') ?? '';
    const waiting = two.get(agent, '/config', { 'if-none-match': tag, prefer: 'wait=20' });
    while (two.running.plane.hub.waiting() === 0) await new Promise((resolve) => setImmediate(resolve));
    await createKey(one.context(agent.organizationId), createKeySchema.parse({ name: 'new' }));
    const woken = await waiting;
    expect([woken.status, woken.headers.get('etag')]).not.toEqual([200, tag]);
    expect(woken.status).toBe(200);
    const same = await one.get(agent, '/config');
    expect(same.headers.get('etag')).toBe(woken.headers.get('etag'));
    // Both replicas sign with the same key at the same issued time: the manifests are equal to the byte.
    expect(await same.text()).toBe(await woken.text());
  }

  it('wake each other by a notification of Postgres', async () => {
    await changeOnOneWakesTheOther(await startPair({ reread: false }));
  });

  it('end waits and forget tokens everywhere as soon as one of them revokes', async () => {
    // The clock stands still, so that nothing is forgotten by its age.
    const now = Date.now();
    const { one, two } = await startPair({ reread: false, now: () => now });
    const agent = await one.newAgent();
    const tag = (await two.get(agent, '/config')).headers.get('etag') ?? '';
    const waiting = two.get(agent, '/config', { 'if-none-match': tag, prefer: 'wait=50' });
    while (two.running.plane.hub.waiting() === 0) await new Promise((resolve) => setImmediate(resolve));
    await deleteAgentToken(one.context(agent.organizationId), agent.tokenId);
    expect((await waiting).status).toBe(401);
    expect((await two.get(agent, '/keys')).status).toBe(401);
    expect(two.running.plane.hub.waiting()).toBe(0);
  });

  it('wake each other by reading again, where no notification arrives', async () => {
    await changeOnOneWakesTheOther(await startPair({ deaf: true }));
  });

  it.skipIf(!redisServer && !process.env.CI)(
    'wake each other by Redis, where Postgres is silent',
    async () => {
      if (!redisServer) throw new Error('no redis-server on this machine: install the package redis-server');
      const redis = await startRedis(redisServer);
      const probe = new Redis(redis.url);
      try {
        const pair = await startPair({ redisUrl: redis.url, reread: false, deaf: true });
        const subscribers = async () => Number((await probe.pubsub('NUMSUB', 'bonito_revisions'))[1]);
        while ((await subscribers()) < 2) await new Promise((resolve) => setTimeout(resolve, 20));
        await changeOnOneWakesTheOther(pair);
      } finally {
        probe.disconnect();
        for (const replica of replicas.splice(-2)) await replica.stop();
        await redis.stop();
      }
    },
  );

  it('go on without Redis when it is away', async () => {
    await changeOnOneWakesTheOther(
      await startPair({ redisUrl: `redis://127.0.0.1:${await freePort()}`, reread: false }),
    );
  });

  it('lose no change of writers on both', async () => {
    const { one, two } = await startPair({});
    const agent = await one.newAgent();
    const names = Array.from({ length: 10 }, (_, index) => `key ${index}`);
    await Promise.all(
      names.map((name, index) =>
        createKey((index % 2 ? one : two).context(agent.organizationId), createKeySchema.parse({ name })),
      ),
    );
    const keys = (await (await two.get(agent, '/keys')).json()) as { keys: unknown[] };
    expect(keys.keys).toHaveLength(names.length);
  });
});
